using HyperDas.Engine.Evaluation;
using HyperDas.Engine.Experiments;
using HyperDas.Engine.Experiments.Runs;
using HyperDas.Engine.Files;
using HyperDas.Engine.Reports.Plots;
using HyperDas.Engine.Training;

namespace HyperDas.Engine.Reports.Html;

/// <summary>
/// Reads the available files of a run: metrics, scores, configuration and manifest. A folder of several runs, as of a sweep, is read as all
/// of them.
/// </summary>
public static class RunContent
{
    private const string ManifestErrorId = "ManifestInvalid";
    private const int MostWhole = 40;

    private static readonly string[] s_files =
        [RunFolder.MetricsFile, RunFolder.ScoresFile, RunFolder.ManifestFile, RunFolder.DocumentFile];

    /// <summary>Reads a run.</summary>
    /// <param name="folder">Folder of a run, or of several.</param>
    /// <exception cref="HyperDasException"><c>RunFolderInvalid</c>: neither it nor a folder in it holds a run; <c>MetricsInvalid</c>,
    /// <c>ScoresInvalid</c>.</exception>
    public static ReportContent Read(string folder)
    {
        string[] runs = IsRun(folder) ? [folder] : [.. Directory.GetDirectories(folder).Where(IsRun).Order(StringComparer.Ordinal)];
        if (runs.Length == 0)
        {
            throw new HyperDasException(
                "RunFolderInvalid", HyperDasErrorKind.InvalidData,
                $"'{folder}' isn't the folder of one or several runs: it contains none of {string.Join(", ", s_files)}.", folder);
        }
        string title = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        Dictionary<string, ExperimentStatus> known = Known(folder);
        bool whole = runs.Length <= MostWhole;
        return ReportContent.Of([.. runs.Select(run => ReadOne(run, known.GetValueOrDefault(run), whole))]) with { Title = title };
    }

    /// <summary>Reads runs whose status is known.</summary>
    /// <param name="runs">The runs; those without scores are listed.</param>
    /// <exception cref="HyperDasException"><c>MetricsInvalid</c>, <c>ManifestInvalid</c>.</exception>
    public static ReportContent Read(IReadOnlyList<ExperimentStatus> runs) => ReportContent.Of(
        [.. runs.Select(run => run.State == ExperimentState.Finished && Directory.Exists(run.Path)
            ? ReadOne(run.Path, run, runs.Count <= MostWhole)
            : Unfinished(run))]);

    private static ReportContent Unfinished(ExperimentStatus run) =>
        run.Scores.Count > 0 ? new ReportContent { Scores = run.Scores,
            RunCount = 1 } : new ReportContent { Unfinished = [run], RunCount = 1 };

    private static Dictionary<string, ExperimentStatus> Known(string folder)
    {
        try
        {
            return RunSearch.Find(folder).Select(RunSearch.Read).ToDictionary(run => run.Path);
        }
        catch (HyperDasException e) when (e.ErrorId == "RunFolderInvalid")
        {
            // A folder of Start-HyperDasTraining has no document.
            return [];
        }
    }

    // Like any text reader, it skips a byte order mark.
    private static string Text(string file)
    {
        using StreamReader reader = new(new MemoryStream(WholeFile.Read(file, StrictJson.MaxBytes, ManifestErrorId)));
        return reader.ReadToEnd();
    }

    private static bool IsRun(string folder) => s_files.Any(file => File.Exists(Path.Combine(folder, file)));

    // The page of a large sweep has only scores: each run's own page has its curve, settings and manifest.
    private static ReportContent ReadOne(string folder, ExperimentStatus? status, bool whole)
    {
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        string scores = Path.Combine(folder, RunFolder.ScoresFile), metrics = Path.Combine(folder, RunFolder.MetricsFile);
        return new ReportContent
        {
            Scores = status is { State: ExperimentState.Finished } ? status.Scores : File.Exists(scores) ? RavelScoreFile.Read(scores) : [],
            Runs = whole && File.Exists(metrics) ? [new TrainingRun(name, MetricsLog.Read(metrics))] : [],
            Documents = whole ? Documents(folder, name) : [],
            Unfinished = status is { State: not ExperimentState.Finished } ? [status] : [],
            RunCount = status is null ? 0 : 1,
        };
    }

    private static List<ReportDocument> Documents(string folder, string name)
    {
        List<ReportDocument> documents = [];
        if (File.Exists(Path.Combine(folder, RunFolder.DocumentFile)))
        {
            documents.Add(new ReportDocument($"Configuration of {name}", Text(Path.Combine(folder, RunFolder.DocumentFile)), Json: false));
        }
        if (File.Exists(Path.Combine(folder, RunFolder.ManifestFile)))
        {
            string file = Path.Combine(folder, RunFolder.ManifestFile);
            using (StrictJson.Open(file, ManifestErrorId))
            {
                documents.Add(new ReportDocument($"Manifest of {name}", Text(file), Json: true));
            }
        }
        return documents;
    }
}
