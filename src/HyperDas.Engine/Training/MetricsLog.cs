using System.Text.Json;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Training;

/// <summary>Training metrics as JSON Lines: one object per step, in camel case, flushed immediately.</summary>
public sealed class MetricsLog : IDisposable
{
    private const string InvalidErrorId = "MetricsInvalid";

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    private static readonly JsonSerializerOptions s_reading = new(s_json)
    {
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
        AllowDuplicateProperties = false,
    };

    private readonly string _path;
    private readonly StreamWriter _writer;

    /// <summary>Creates the file, or truncates an existing one to the steps that a resumed training has completed.</summary>
    /// <param name="path">File to write.</param>
    /// <param name="behind">Steps at the beginning of the file; all other contents are removed.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public MetricsLog(string path, IEnumerable<TrainingStep>? behind = null)
    {
        _path = path;
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
            // The steps are known, which restores a file that was lost or damaged in the meantime.
            // Other programs may read or move it while it is being written.
            _writer = new StreamWriter(
                new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete)) { NewLine = "\n" };
            foreach (TrainingStep step in behind ?? [])
            {
                _writer.WriteLine(Line(step));
            }
            _writer.AutoFlush = true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(e);
        }
    }

    /// <summary>Appends one step.</summary>
    /// <param name="step">The step's metrics.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public void Write(TrainingStep step)
    {
        try
        {
            _writer.WriteLine(Line(step));
        }
        catch (IOException e)
        {
            throw Failed(e);
        }
    }

    /// <summary>Reads a metrics file. An incomplete last line, as left by a killed training, is ignored.</summary>
    /// <param name="path">File.</param>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>; <c>MetricsInvalid</c>: a line isn't a step of a training.</exception>
    public static IReadOnlyList<TrainingStep> Read(string path)
    {
        List<TrainingStep> steps = [];
        foreach (TextLine line in TextLines.Read(path, InvalidErrorId).Where(line => !string.IsNullOrWhiteSpace(line.Text)))
        {
            try
            {
                steps.Add(JsonSerializer.Deserialize<TrainingStep>(line.Text, s_reading) ?? throw new JsonException("null isn't a step."));
            }
            catch (JsonException) when (!line.IsEnded)
            {
            }
            catch (JsonException e)
            {
                throw new HyperDasException(
                    InvalidErrorId, HyperDasErrorKind.InvalidData,
                    $"'{path}', line {line.Number}: {e.Message} A metrics file has one JSON object per step, with step, epoch and loss.",
                    path, e);
            }
        }
        return steps;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            _writer.Dispose();
        }
        catch (IOException)
        {
            // A failed write has already been reported.
        }
    }

    private static string Line(TrainingStep step) => JsonSerializer.Serialize(step, s_json);

    private HyperDasException Failed(Exception e) =>
        new("WriteFailed", HyperDasErrorKind.WriteError, $"The metrics couldn't be written to '{_path}': {e.Message}", _path, e);
}
