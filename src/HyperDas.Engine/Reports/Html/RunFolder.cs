using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Evaluation;
using HyperDas.Engine.Reports.Plots;
using HyperDas.Engine.Training;

namespace HyperDas.Engine.Reports.Html;

/// <summary>
/// Reads what there is of a run: metrics, scores, configuration and manifest. A folder of several runs, as a sweep leaves it, is read as
/// all of them.
/// </summary>
public static class RunFolder
{
    private const string Metrics = "metrics.jsonl", Scores = "scores.json", Manifest = "manifest.json", Configuration = "experiment.yaml";

    private static readonly string[] s_files = [Metrics, Scores, Manifest, Configuration];

    /// <summary>Reads a run.</summary>
    /// <param name="folder">Folder of a run, or of several.</param>
    /// <exception cref="HyperDasException"><c>RunFolderInvalid</c>: neither it nor a folder in it holds a run; <c>MetricsInvalid</c>, <c>ScoresInvalid</c>.</exception>
    public static ReportContent Read(string folder)
    {
        string[] runs = IsRun(folder) ? [folder] : [.. Directory.GetDirectories(folder).Where(IsRun).Order(StringComparer.Ordinal)];
        if (runs.Length == 0)
        {
            throw new HyperDasException(
                "RunFolderInvalid", HyperDasErrorKind.InvalidData, $"'{folder}' isn't the folder of a run, nor of several: there is none of {string.Join(", ", s_files)}.", folder);
        }
        string title = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        return runs.Select(run => ReadOne(run, runs.Length > 1)).Aggregate((first, next) => first.With(next)) with { Title = title };
    }

    private static bool IsRun(string folder) => s_files.Any(file => File.Exists(Path.Combine(folder, file)));

    private static ReportContent ReadOne(string folder, bool oneOfSeveral)
    {
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        string of = oneOfSeveral ? $" of {name}" : "";
        List<ReportDocument> documents = [];
        if (File.Exists(Path.Combine(folder, Configuration)))
        {
            documents.Add(new ReportDocument("Configuration" + of, File.ReadAllText(Path.Combine(folder, Configuration)), Json: false));
        }
        if (File.Exists(Path.Combine(folder, Manifest)))
        {
            string file = Path.Combine(folder, Manifest);
            using (JsonFile.Open(file, "ManifestInvalid"))
            {
                documents.Add(new ReportDocument("Manifest" + of, File.ReadAllText(file), Json: true));
            }
        }
        return new ReportContent
        {
            Scores = File.Exists(Path.Combine(folder, Scores)) ? RavelScoreFile.Read(Path.Combine(folder, Scores)) : [],
            Runs = File.Exists(Path.Combine(folder, Metrics)) ? [new TrainingRun(name, MetricsLog.Read(Path.Combine(folder, Metrics)))] : [],
            Documents = documents,
        };
    }
}
