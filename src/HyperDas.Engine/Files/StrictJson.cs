using System.Text.Json;
using System.Text.Json.Serialization;

namespace HyperDas.Engine.Files;

/// <summary>
/// Strict reading of JSON from elsewhere: duplicate keys and invalid Unicode are errors, because readers would interpret the former
/// differently and can't represent the latter.
/// </summary>
internal static class StrictJson
{
    /// <summary>Maximum file size in bytes; tokenizers of published models have up to 34 million bytes.</summary>
    public const long MaxBytes = 64L << 20;

    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };

    /// <summary>Makes the deserialisation of records equally strict.</summary>
    /// <param name="options">Options that aren't in use yet.</param>
    public static JsonSerializerOptions Strict(this JsonSerializerOptions options)
    {
        options.AllowDuplicateProperties = false;
        options.RespectNullableAnnotations = true;
        // A number could be a value that doesn't exist.
        options.Converters.Add(new JsonStringEnumConverter(options.PropertyNamingPolicy, allowIntegerValues: false));
        return options;
    }

    /// <summary>Reads a file whose root is an object.</summary>
    /// <param name="path">The file.</param>
    /// <param name="errorId">Error id for any other content.</param>
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
    /// <param name="errorId">Error id for invalid content.</param>
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

    /// <summary>Parses a JSON text.</summary>
    /// <param name="utf8">The text, optionally with a byte order mark.</param>
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
            // An unpaired surrogate, written as an escape.
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
