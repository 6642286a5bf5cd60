using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Evaluation;

/// <summary>Scores as JSON; equal scores give identical bytes.</summary>
public static class RavelScoreFile
{
    private static readonly JsonSerializerOptions s_json = new JsonSerializerOptions
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    }.Strict();

    /// <summary>Writes scores; an existing file is replaced, a missing folder created.</summary>
    /// <param name="scores">The scores, in order.</param>
    /// <param name="path">File.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public static void Write(IReadOnlyList<RavelScore> scores, string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, scores, s_json));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HyperDasException(
                "WriteFailed", HyperDasErrorKind.WriteError, $"The scores couldn't be written to '{path}': {e.Message}", path, e);
        }
    }

    /// <summary>
    /// Reads scores: a file written by <see cref="Write"/>, or rows of a table of results with <c>method</c>, <c>selection</c>,
    /// <c>domain</c>, <c>layer</c>, <c>dimension</c>, <c>cause</c> and <c>isolate</c>, which are read as means over attributes, or a table
    /// of scores as written by PowerShell's <c>Export-Csv</c>.
    /// </summary>
    /// <param name="path">File.</param>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>; <c>ScoresInvalid</c>: it holds something else.</exception>
    public static IReadOnlyList<RavelScore> Read(string path)
    {
        if (RavelScoreTable.IsTable(path))
        {
            return RavelScoreTable.Read(path);
        }
        using JsonDocument document = StrictJson.OpenAny(path, "ScoresInvalid");
        try
        {
            return document.RootElement.ValueKind == JsonValueKind.Array
                ? [.. document.RootElement.EnumerateArray()
                    .Select(row => row.TryGetProperty("selection", out _) ? FromTable(row) : row.Deserialize<RavelScore>(s_json)!)]
                : throw new JsonException("The root isn't an array.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new HyperDasException(
                "ScoresInvalid", HyperDasErrorKind.InvalidData,
                $"'{path}' isn't a score file: {e.Message} Measure-RavelScore -OutputPath writes one.", path, e);
        }
    }

    private static RavelScore FromTable(JsonElement row) => new()
    {
        Domain = Text(row.GetProperty("domain")),
        Attribute = row.TryGetProperty("attribute", out JsonElement attribute) ? Text(attribute) : RavelScore.All,
        Method = Text(row.GetProperty("method")),
        SelectionMode = row.GetProperty("selection").Deserialize<SelectionMode>(s_json),
        Cause = row.GetProperty("cause").GetDouble(),
        Isolate = row.GetProperty("isolate").GetDouble(),
        CauseCount = 0,
        IsolateCount = 0,
        Layer = row.TryGetProperty("layer", out JsonElement layer) ? layer.GetInt32() : null,
        FeatureDimension = row.TryGetProperty("dimension", out JsonElement dimension) ? dimension.GetInt32() : null,
    };

    private static string Text(JsonElement value) => value.GetString() ?? throw new JsonException("A name is null.");
}
