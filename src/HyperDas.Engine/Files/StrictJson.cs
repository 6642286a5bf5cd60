using System.Text.Json;
using System.Text.Json.Serialization;

namespace HyperDas.Engine.Files;

/// <summary>
/// JSON that others wrote, read without leniency: a key that occurs twice and text that isn't Unicode are errors, since the one would
/// be read differently by different readers, and the other by none.
/// </summary>
internal static class StrictJson
{
    /// <summary>Most bytes of a file: the tokenizers of published models have up to 34 million.</summary>
    public const long MaxBytes = 64L << 20;

    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };

    /// <summary>Makes the reading of records as strict.</summary>
    /// <param name="options">Options that aren't used yet.</param>
    public static JsonSerializerOptions Strict(this JsonSerializerOptions options)
    {
        options.AllowDuplicateProperties = false;
        options.RespectNullableAnnotations = true;
        // A number could name a value that doesn't exist.
        options.Converters.Add(new JsonStringEnumConverter(options.PropertyNamingPolicy, allowIntegerValues: false));
        return options;
    }

    /// <summary>Reads a file whose root is an object.</summary>
    /// <param name="path">The file.</param>
    /// <param name="errorId">Identifier of the error when it is something else.</param>
    /// <exception cref="HyperDasException"><paramref name="errorId"/>, <c>PathNotFound</c>, <c>FileUnreadable</c>,
    /// <c>FileIsPointer</c>.</exception>
    public static JsonDocument Open(string path, string errorId)
    {
        JsonDocument document = OpenAny(path, errorId);
        if (document.RootElement.ValueKind == JsonValueKind.Object)
        {
            return document;
        }
        document.Dispose();
        throw new HyperDasException(errorId, HyperDasErrorKind.InvalidData, $"'{path}' isn't a JSON object.", path);
    }

    /// <summary>Reads a file with any JSON.</summary>
    /// <param name="path">The file.</param>
    /// <param name="errorId">Identifier of the error when it is something else.</param>
    /// <exception cref="HyperDasException"><paramref name="errorId"/>, <c>PathNotFound</c>, <c>FileUnreadable</c>,
    /// <c>FileIsPointer</c>.</exception>
    public static JsonDocument OpenAny(string path, string errorId)
    {
        try
        {
            return Parse(WholeFile.Read(path, MaxBytes, errorId));
        }
        catch (JsonException e)
        {
            StandIn.ThrowIfPointer(path);
            throw new HyperDasException(errorId, HyperDasErrorKind.InvalidData, $"'{path}' isn't valid JSON: {e.Message}", path, e);
        }
    }

    /// <summary>Parses.</summary>
    /// <param name="utf8">The text; a byte order mark may come first.</param>
    /// <exception cref="JsonException">Broken, or lenient.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> utf8)
    {
        ReadOnlyMemory<byte> text = utf8.Span.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;
        try
        {
            ThrowIfNotUnicode(text.Span);
            return JsonDocument.Parse(text, s_strict);
        }
        catch (InvalidOperationException e)
        {
            // Half of a surrogate pair, written as an escape.
            throw new JsonException(e.Message, e);
        }
    }

    private static void ThrowIfNotUnicode(ReadOnlySpan<byte> text)
    {
        Utf8JsonReader reader = new(text);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
            {
                reader.GetString();
            }
        }
    }
}
