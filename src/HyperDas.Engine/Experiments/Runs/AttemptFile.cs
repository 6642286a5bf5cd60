using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Experiments.Runs;

/// <summary>
/// A run's attempts as JSON Lines: one line when a process starts, one when its training does, one at its end. Lines are only appended: the
/// times of an interrupted run add up, and errors remain readable.
/// </summary>
internal static class AttemptFile
{
    private const string InvalidErrorId = "AttemptsCorrupt";

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>Reads the lines; an incomplete last one is ignored, and there are none if the file is missing.</summary>
    /// <param name="path">File.</param>
    /// <exception cref="HyperDasException"><c>AttemptsCorrupt</c>, <c>FileUnreadable</c>.</exception>
    public static IReadOnlyList<AttemptLine> Read(string path)
    {
        List<AttemptLine> lines = [];
        if (!File.Exists(path))
        {
            return lines;
        }
        foreach (TextLine line in TextLines.Read(path, InvalidErrorId).Where(line => line.Text.Length > 0))
        {
            try
            {
                lines.Add(JsonSerializer.Deserialize<AttemptLine>(line.Text, s_json) ?? throw new JsonException("null isn't an attempt."));
            }
            catch (JsonException) when (!line.IsEnded)
            {
            }
            catch (JsonException e)
            {
                throw new HyperDasException(
                    InvalidErrorId, HyperDasErrorKind.InvalidData,
                    $"'{path}', line {line.Number}: {e.Message} It must have one JSON object for each event of a run; "
                    + "remove the file to continue without them.", path, e);
            }
        }
        return lines;
    }

    /// <summary>Appends a line.</summary>
    /// <param name="path">File; created if missing.</param>
    /// <param name="line">The line.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public static void Append(string path, AttemptLine line)
    {
        try
        {
            using FileStream stream = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            stream.Seek(0, SeekOrigin.End);
            // Removes an incomplete last line of a killed process.
            CutBack(stream);
            stream.Write([.. JsonSerializer.SerializeToUtf8Bytes(line, s_json), (byte)'\n']);
            stream.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HyperDasException("WriteFailed", HyperDasErrorKind.WriteError, $"'{path}' couldn't be written: {e.Message}", path, e);
        }
    }

    // Back to the position after the last line end.
    private static void CutBack(FileStream stream)
    {
        long end = stream.Length;
        while (end > 0)
        {
            stream.Position = end - 1;
            if (stream.ReadByte() == '\n')
            {
                break;
            }
            end--;
        }
        stream.SetLength(end);
        stream.Position = end;
    }
}
