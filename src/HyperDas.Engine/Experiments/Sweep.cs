using HyperDas.Engine.Experiments.Yaml;

namespace HyperDas.Engine.Experiments;

/// <summary>One combination of a sweep.</summary>
/// <param name="Root">The document with the combination's values and without the sweep.</param>
/// <param name="Values">The swept keys with their values as text.</param>
/// <param name="Folder">Name of the run's folder; empty without a sweep.</param>
internal sealed record SweepRun(YamlMap Root, IReadOnlyDictionary<string, string> Values, string Folder);

/// <summary>Expands <c>sweep:</c>, dotted keys with lists of values, to all combinations; the last key changes fastest.</summary>
internal static class Sweep
{
    /// <summary>Maximum number of runs of a document.</summary>
    public const int MaxRuns = 10_000;

    private const int LongestName = 100;
    private static readonly string[] s_fixed = ["name", "description", "outputs"];

    /// <summary>Expands a document.</summary>
    /// <param name="root">The document.</param>
    /// <param name="issues">Receives issues with the sweep itself; invalid values are found when the runs are bound.</param>
    public static IReadOnlyList<SweepRun> Expand(YamlMap root, IssueList issues)
    {
        YamlEntry? sweep = root.Find(SectionShape.SweepKey);
        YamlMap document = root.Without(SectionShape.SweepKey);
        if (sweep is null or { Value: YamlText { IsNull: true } })
        {
            return [new SweepRun(document, new Dictionary<string, string>(), "")];
        }
        if (sweep.Value is not YamlMap keys)
        {
            issues.Add(sweep.Value.Mark, SectionShape.SweepKey, sweep.Value.Shown,
                "A sweep must be a section of dotted keys with lists of values, e.g. method.layer: [1, 2, 3].");
            return [new SweepRun(document, new Dictionary<string, string>(), "")];
        }
        (YamlEntry Key, IReadOnlyList<YamlNode> Values)[] axes =
            [.. keys.Entries.Select(e => (e, Values(e, issues))).Where(a => a.Item2.Count > 0)];
        double count = axes.Aggregate(1.0, (product, axis) => product * axis.Values.Count);
        if (count > MaxRuns)
        {
            issues.Add(sweep.Mark, SectionShape.SweepKey, "", $"The sweep has {count:N0} combinations; at most {MaxRuns:N0} are allowed.");
            return [];
        }
        IEnumerable<SweepRun> runs = [new SweepRun(document, new Dictionary<string, string>(), "")];
        foreach ((YamlEntry key, IReadOnlyList<YamlNode> values) in axes)
        {
            string last = key.Key[(key.Key.LastIndexOf('.') + 1)..];
            bool unique = axes.Count(a => a.Key.Key.Split('.')[^1] == last) == 1;
            runs = [.. runs.SelectMany(run => values.Select(value => With(run, key, value, unique ? last : key.Key)))];
        }
        return [.. runs];
    }

    private static IReadOnlyList<YamlNode> Values(YamlEntry key, IssueList issues)
    {
        string path = $"{SectionShape.SweepKey}.{key.Key}";
        string[] parts = key.Key.Split('.', 2);
        string[] known =
        [
            .. SectionShape.Root.Own.Select(k => k.Name), .. SectionShape.All.SelectMany(s => s.AllKeys.Select(k => $"{s.Name}.{k.Name}"))
        ];
        if (!known.Contains(key.Key) || s_fixed.Contains(parts[0]))
        {
            string[] can = [.. known.Where(k => !s_fixed.Contains(k.Split('.')[0]))];
            string help = Array.Find(can, k => k.EndsWith("." + key.Key, StringComparison.Ordinal)) is { } whole
                ? $"did you mean '{whole}'?"
                : Suggestion.For(key.Key, SectionShape.SweepKey, can);
            issues.Add(key.Mark, path, key.Value.Shown, $"'{key.Key}' can't be swept; {help}");
            return [];
        }
        if (key.Value is not YamlList { Items.Count: > 0 } list)
        {
            issues.Add(
                key.Value.Mark, path, key.Value.Shown, $"'{key.Value.Shown}' isn't valid; it must be a list of values, one for each run.");
            return [];
        }
        foreach (IGrouping<string, YamlNode> same in list.Items.GroupBy(Text).Where(g => g.Count() > 1))
        {
            issues.Add(same.Last().Mark, path, same.Key, $"The value '{same.Key}' occurs twice; keep one.");
        }
        return list.Items;
    }

    private static SweepRun With(SweepRun run, YamlEntry key, YamlNode value, string shortKey)
    {
        string text = Text(value);
        string name = $"{shortKey}-{text}";
        name = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '+' ? c : '-'));
        string folder = run.Folder.Length == 0 ? name : $"{run.Folder}_{name}";
        return new SweepRun(
            SetOverrides.Put(run.Root, key.Key, key.Mark, value),
            new Dictionary<string, string>(run.Values) { [key.Key] = text },
            folder.Length <= LongestName ? folder : folder[..LongestName]);
    }

    private static string Text(YamlNode node) => node switch
    {
        YamlText text => text.IsNull ? "null" : text.Text,
        YamlList list => string.Join('+', list.Items.Select(Text)),
        _ => node.Shown,
    };
}
