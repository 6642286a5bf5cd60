using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Evaluation.Checks;

/// <summary>The results of checks as JSON.</summary>
public static class ModelCheckFile
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes results; an existing file is replaced.</summary>
    /// <param name="checks">The results, in order.</param>
    /// <param name="path">File.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public static void Write(IReadOnlyList<ModelCheck> checks, string path) => AtomicFile.Write(path, stream =>
    {
        JsonSerializer.Serialize(stream, checks, s_json);
        stream.Write("\n"u8);
    });

    /// <summary>Reads results.</summary>
    /// <param name="path">File.</param>
    /// <exception cref="HyperDasException"><c>ModelCheckCorrupt</c>; <c>PathNotFound</c>.</exception>
    public static IReadOnlyList<ModelCheck> Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<ModelCheck[]>(File.ReadAllText(path), s_json)
                ?? throw new JsonException("The root isn't an array.");
        }
        catch (JsonException e)
        {
            throw new HyperDasException(
                "ModelCheckCorrupt", HyperDasErrorKind.InvalidData, $"'{path}' isn't a file of check results: {e.Message}", path, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HyperDasException(
                "PathNotFound", HyperDasErrorKind.NotFound, $"The checks couldn't be read from '{path}': {e.Message}", path, e);
        }
    }
}
