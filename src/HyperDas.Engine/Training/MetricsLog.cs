using System.Text.Json;

namespace HyperDas.Engine.Training;

/// <summary>Training metrics as JSON Lines: one object a step, in camel case, flushed as they come.</summary>
public sealed class MetricsLog : IDisposable
{
    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private static readonly JsonSerializerOptions s_reading = new(s_json)
    {
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private readonly StreamWriter _writer;

    /// <summary>Creates the file; an older one is replaced.</summary>
    /// <param name="path">File to write.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public MetricsLog(string path)
    {
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
            _writer = new StreamWriter(path) { NewLine = "\n", AutoFlush = true };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HyperDasException("WriteFailed", HyperDasErrorKind.WriteError, $"The metrics couldn't be written to '{path}': {e.Message}", path, e);
        }
    }

    /// <summary>Appends one step.</summary>
    /// <param name="step">What happened.</param>
    public void Write(TrainingStep step) => _writer.WriteLine(JsonSerializer.Serialize(step, s_json));

    /// <summary>Reads a metrics file. A last line that was cut off, as a killed training leaves it, is left out.</summary>
    /// <param name="path">File.</param>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>; <c>MetricsInvalid</c>: a line isn't a step of a training.</exception>
    public static IReadOnlyList<TrainingStep> Read(string path)
    {
        string text = ReadText(path);
        string[] lines = text.Split('\n');
        List<TrainingStep> steps = [];
        for (int i = 0; i < lines.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i]))
            {
                continue;
            }
            try
            {
                steps.Add(JsonSerializer.Deserialize<TrainingStep>(lines[i], s_reading)!);
            }
            catch (JsonException) when (i == lines.Length - 1)
            {
            }
            catch (JsonException e)
            {
                throw new HyperDasException(
                    "MetricsInvalid", HyperDasErrorKind.InvalidData, $"'{path}', line {i + 1}: {e.Message} A metrics file has one JSON object a step, with step, epoch and loss.", path, e);
            }
        }
        return steps;
    }

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    private static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HyperDasException("PathNotFound", HyperDasErrorKind.NotFound, $"The metrics couldn't be read from '{path}': {e.Message}", path, e);
        }
    }
}
