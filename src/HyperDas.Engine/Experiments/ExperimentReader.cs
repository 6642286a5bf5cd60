using System.Text;
using HyperDas.Engine.Experiments.Yaml;

namespace HyperDas.Engine.Experiments;

/// <summary>Reads experiment documents; called by <c>Test-HyperDasExperiment</c>.</summary>
public static class ExperimentReader
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The runs of a document that were asked for by their numbers.</summary>
    /// <param name="runs">All runs of the document, at least one.</param>
    /// <param name="index">Numbers from 0; null for all.</param>
    /// <exception cref="HyperDasException"><c>RunNotFound</c>: the document has no run of a number.</exception>
    public static IReadOnlyList<ExperimentRun> Choose(IReadOnlyList<ExperimentRun> runs, IEnumerable<int>? index) => index is null
        ? runs
        : [.. index.Select(number => number >= 0 && number < runs.Count ? runs[number] : throw RunNotFound(runs, number))];

    /// <summary>Reads a document and expands its sweep.</summary>
    /// <param name="file">The document.</param>
    /// <param name="options">Settings from the command line.</param>
    /// <returns>The runs; a single one without a sweep.</returns>
    /// <exception cref="HyperDasException">
    /// <c>PathNotFound</c>; <c>ConfigInvalid</c>: its target is a list of <see cref="ExperimentIssue"/>, everything that is wrong at once.
    /// </exception>
    public static IReadOnlyList<ExperimentRun> Read(string file, ExperimentReadOptions? options = null)
    {
        file = Path.GetFullPath(file);
        options ??= new ExperimentReadOptions();
        IssueList issues = new();
        YamlMap? root = Root(file, issues);
        issues.ThrowIfAny(file);
        root = SetOverrides.Apply(root!, options.Set, issues);
        IReadOnlyList<SweepRun> combinations = Sweep.Expand(root, issues);
        ExperimentPaths paths = new(file, options);
        ExperimentFiles files = new();
        List<ExperimentRun> runs = [];
        foreach (SweepRun combination in combinations)
        {
            (Experiment experiment, IReadOnlyDictionary<string, YamlNode> nodes) = ExperimentBinder.Bind(combination.Root, issues);
            ExperimentPlaces places = new(combination.Root, nodes, issues);
            ExperimentChecks.Check(experiment, places);
            experiment = paths.Resolve(experiment, combination.Folder, places);
            if (!options.SkipFiles)
            {
                files.Check(experiment, places);
            }
            runs.Add(new ExperimentRun
            {
                Index = runs.Count,
                Name = combination.Folder.Length > 0 ? $"{experiment.Name}/{combination.Folder}" : experiment.Name,
                Values = combination.Values,
                Path = experiment.Outputs.Path,
                PlanPath = ExperimentPaths.Plan(experiment.Outputs.Path, combination.Folder),
                File = file,
                Settings = experiment,
                Given = [.. nodes.Keys],
                Yaml = ExperimentYaml.Write(experiment, experiment.Outputs.Path),
            });
        }
        issues.ThrowIfAny(file);
        foreach (IGrouping<string, ExperimentRun> same in runs.GroupBy(r => r.Path, StringComparer.OrdinalIgnoreCase)
            .Where(g => g.Count() > 1))
        {
            issues.Add(root.Find(SectionShape.SweepKey)!.Mark, SectionShape.SweepKey, "",
                $"{same.Count()} runs would share the folder '{same.Key}'; use values that differ in letters and digits, or sweep fewer keys.");
        }
        issues.ThrowIfAny(file);
        return runs;
    }

    private static HyperDasException RunNotFound(IReadOnlyList<ExperimentRun> runs, int number)
    {
        string has = runs.Count == 1
            ? "it has one run, 0, since it sweeps nothing"
            : $"its {runs.Count} runs are 0 to {runs.Count - 1}";
        return new HyperDasException(
            "RunNotFound", HyperDasErrorKind.NotFound, $"'{runs[0].File}' has no run {number}; {has}.", number);
    }

    private static YamlMap? Root(string file, IssueList issues)
    {
        YamlMark start = new(file, 1, 1);
        List<ExperimentIssue> found = [];
        YamlNode? root = YamlTree.Read(Text(file, issues) ?? "", start, found);
        issues.AddRange(found);
        if (found.Count == 0 && issues.Count == 0 && root is not YamlMap)
        {
            issues.Add(root?.Mark ?? start, "", root?.Shown ?? "",
                "The document is empty or isn't a mapping; it needs at least the sections target, data and method. New-HyperDasExperiment creates a document to start from.");
        }
        return root as YamlMap;
    }

    private static string? Text(string file, IssueList issues)
    {
        if (!File.Exists(file))
        {
            throw new HyperDasException("PathNotFound", HyperDasErrorKind.NotFound, $"The file '{file}' doesn't exist.", file);
        }
        try
        {
            // A character has at most four bytes: a larger file is certainly too long and isn't read.
            long length = new FileInfo(file).Length;
            if (length <= 4L * YamlTree.MaxLength)
            {
                return File.ReadAllText(file, s_utf8);
            }
            issues.Add(new YamlMark(file, 1, 1), "", "",
                $"The file has {length:N0} bytes; an experiment may have at most {YamlTree.MaxLength:N0} characters.");
        }
        catch (DecoderFallbackException)
        {
            issues.Add(new YamlMark(file, 1, 1), "", "", "The file isn't UTF-8 text.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HyperDasException(
                "ConfigUnreadable", HyperDasErrorKind.ResourceUnavailable, $"'{file}' can't be read: {e.Message}", file, e);
        }
        return null;
    }
}
