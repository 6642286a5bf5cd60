using System.Text.Json;

namespace HyperDas.Engine.Training;

/// <summary>Training metrics as JSON Lines: one object a step, in camel case, flushed as they come.</summary>
public sealed class MetricsLog : IDisposable
{
    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };
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

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();
}
