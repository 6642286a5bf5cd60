using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Evaluation;
using HyperDas.Engine.Experiments;
using HyperDas.Engine.Files;
using HyperDas.Engine.Reports.Plots;
using HyperDas.Engine.Training;

namespace HyperDas.Engine.Reports.Html;

/// <summary>
/// Reads what there is of a run: metrics, scores, configuration and manifest. A folder of several runs, as a sweep leaves it, is read as
/// all of them.
/// </summary>
public static class RunContent
{
    private const string ManifestErrorId = "ManifestInvalid";

    private static readonly string[] s_files = [RunFolder.MetricsFile, RunFolder.ScoresFile, RunFolder.ManifestFile, RunFolder.DocumentFile];

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
        return runs.Select(ReadOne).Aggregate((first, next) => first.With(next)) with { Title = title };
    }

    // As every reader of text, it leaves a byte order mark out.
    private static string Text(string file)
    {
        using StreamReader reader = new(new MemoryStream(WholeFile.Read(file, StrictJson.MaxBytes, ManifestErrorId)));
        return reader.ReadToEnd();
    }

    private static bool IsRun(string folder) => s_files.Any(file => File.Exists(Path.Combine(folder, file)));

    private static ReportContent ReadOne(string folder)
    {
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
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
        return new ReportContent
        {
            Scores = File.Exists(Path.Combine(folder, RunFolder.ScoresFile)) ? RavelScoreFile.Read(Path.Combine(folder, RunFolder.ScoresFile)) : [],
            Runs = File.Exists(Path.Combine(folder, RunFolder.MetricsFile)) ? [new TrainingRun(name, MetricsLog.Read(Path.Combine(folder, RunFolder.MetricsFile)))] : [],
            Documents = documents,
        };
    }
}
