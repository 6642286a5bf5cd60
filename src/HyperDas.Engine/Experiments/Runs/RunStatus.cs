using System.Text;
using System.Text.Json;
using HyperDas.Engine.Evaluation;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Experiments.Runs;

/// <summary>Reads the status of a run from its folder alone; nothing is loaded, computed or changed.</summary>
public static class RunStatus
{
    // Length of a line of metrics with the validation of many attributes; only the last one is needed.
    private const int TailBytes = 1 << 16;

    /// <summary>Reads the status of a document's run.</summary>
    /// <param name="run">The run.</param>
    /// <exception cref="HyperDasException"><c>ScoresInvalid</c>, <c>AttemptsCorrupt</c>, <c>FileUnreadable</c>.</exception>
    public static ExperimentStatus Read(ExperimentRun run)
    {
        RunFolder folder = new(run.Path);
        ExperimentStatus blank = new()
        {
            Index = run.Index, Name = run.Name, Path = run.Path, Values = new VaryingSettings(run.Values), Seed = run.Settings.Seed,
            State = ExperimentState.Missing,
        };
        if (!File.Exists(folder.File(RunFolder.DocumentFile)))
        {
            return blank;
        }
        try
        {
            folder.ThrowIfOther(folder.AsBegun(run).Yaml);
        }
        catch (HyperDasException e) when (e.ErrorId == "OutputExists")
        {
            return blank with { State = ExperimentState.Different, ErrorId = e.ErrorId, Error = e.Message };
        }
        return Read(folder, blank);
    }

    /// <summary>Reads the folder of a run that was started.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="blank">The properties of the run known without it.</param>
    /// <exception cref="HyperDasException">As the public one.</exception>
    internal static ExperimentStatus Read(RunFolder folder, ExperimentStatus blank)
    {
        IReadOnlyList<AttemptLine> lines = AttemptFile.Read(folder.File(RunFolder.AttemptsFile));
        bool finished = folder.IsFinished;
        string? runner = finished ? null : FolderLock.HolderOf(folder.Path);
        AttemptLine? end = lines.LastOrDefault(line => line.IsEnd), last = lines.LastOrDefault();
        bool failed = !finished && runner is null && last?.Event == AttemptEvent.Failed;
        DateTimeOffset until = runner is null ? folder.LastSign ?? last?.Time ?? default : DateTimeOffset.UtcNow;
        ExperimentStatus status = blank with
        {
            State = finished ? ExperimentState.Finished
                : runner is not null ? ExperimentState.Running
                : failed ? ExperimentState.Failed : ExperimentState.Interrupted,
            Runner = runner,
            ErrorId = failed ? last!.ErrorId : null,
            Error = failed ? last!.Error : null,
            Attempts = last?.Attempt ?? 0,
            Started = lines.FirstOrDefault()?.Time,
            Finished = finished ? end?.Time : null,
            Duration = AttemptTimes.Sum(lines, until),
            PeakMemory = lines.Max(line => line.PeakMemory),
            Steps = lines.LastOrDefault(line => line.Event == AttemptEvent.Training)?.Steps,
            Step = finished ? end?.Step : LastStep(folder.File(RunFolder.MetricsFile)) ?? end?.Step,
        };
        return finished ? WithScores(status, folder) : status;
    }

    private static ExperimentStatus WithScores(ExperimentStatus status, RunFolder folder)
    {
        string? settings = RunLabels.Settings(status.Values);
        status = status with
        {
            Scores = new RunScores(
            [
                .. RavelScoreFile.Read(folder.File(RunFolder.ScoresFile))
                    .Select(score => score with { Seed = status.Seed, Settings = settings }),
            ]),
        };
        // Runs of earlier versions didn't record attempts.
        return status.Attempts == 0 && Manifest(folder.File(RunFolder.ManifestFile)) is { } manifest
            ? status with
            {
                Started = manifest.Started, Finished = manifest.Finished, Step = manifest.Steps, Steps = manifest.Steps,
                Duration = TimeSpan.FromSeconds(manifest.DurationSeconds),
            }
            : status;
    }

    // Only durations are lost without it, no scores.
    private static RunManifest? Manifest(string file)
    {
        try
        {
            return File.Exists(file) ? RunManifest.Read(file) : null;
        }
        catch (HyperDasException e) when (e.ErrorId == "ManifestCorrupt")
        {
            return null;
        }
    }

    // The number of the last complete line; the file may have a hundred thousand lines and be growing.
    private static int? LastStep(string file)
    {
        if (!File.Exists(file))
        {
            return null;
        }
        byte[] tail = WholeFile.Try(file, () =>
        {
            using FileStream stream = WholeFile.Open(file, bufferSize: 0);
            stream.Seek(-Math.Min(stream.Length, TailBytes), SeekOrigin.End);
            using MemoryStream read = new();
            stream.CopyTo(read);
            return read.ToArray();
        });
        string[] lines = Encoding.UTF8.GetString(tail).Split('\n');
        return lines.Length < 2 || lines[^2].Length == 0 ? null : StepOf(lines[^2]);
    }

    private static int? StepOf(string line)
    {
        try
        {
            using JsonDocument step = JsonDocument.Parse(line);
            return step.RootElement.ValueKind == JsonValueKind.Object && step.RootElement.TryGetProperty("step", out JsonElement number)
                && number.TryGetInt32(out int value) ? value : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
