using HyperDas.Engine.Experiments.Yaml;
using HyperDas.Engine.Methods;

namespace HyperDas.Engine.Experiments;

/// <summary>Binds the nodes of one run to its record: known keys, their values, and defaults for the rest.</summary>
internal sealed class ExperimentBinder
{
    private readonly YamlMap _root;
    private readonly IssueList _issues;
    private readonly Dictionary<string, YamlNode> _nodes = new(StringComparer.Ordinal);

    private ExperimentBinder(YamlMap root, IssueList issues)
    {
        _root = root;
        _issues = issues;
    }

    /// <summary>Binds a document without its sweep.</summary>
    /// <param name="root">The document.</param>
    /// <param name="issues">Receives what is wrong with keys, types and ranges.</param>
    /// <returns>The experiment, paths as they are written, and the nodes of its values by dotted key.</returns>
    public static (Experiment Experiment, IReadOnlyDictionary<string, YamlNode> Nodes) Bind(YamlMap root, IssueList issues)
    {
        ExperimentBinder binder = new(root, issues);
        return (binder.Experiment(), binder._nodes);
    }

    private Experiment Experiment()
    {
        Experiment experiment = new();
        string[] known = [.. SectionShape.Root.Own.Select(k => k.Name), .. SectionShape.All.Select(s => s.Name)];
        // An entry that other parts refer to by an anchor isn't a setting, unless it looks like a misspelt one.
        foreach (YamlEntry entry in _root.Entries.Where(
            e => !known.Contains(e.Key) && !(e.IsShared && Suggestion.Nearest(e.Key, known) is null)))
        {
            _issues.Add(entry.Mark, entry.Key, entry.Value.Shown,
                $"Unknown key '{entry.Key}'; {Suggestion.For(entry.Key, "", [.. known, SectionShape.SweepKey])}");
        }
        Fill(experiment, SectionShape.Root.Own, _root, "");
        foreach (SectionShape section in SectionShape.All)
        {
            typeof(Experiment).GetProperty(section.Property)!.SetValue(experiment, Section(section, experiment));
        }
        return experiment with { Training = experiment.Training with { Seed = experiment.Seed } };
    }

    private object Section(SectionShape section, Experiment soFar)
    {
        YamlEntry? entry = _root.Find(section.Name);
        YamlMap map = new(entry?.Mark ?? _root.Mark, []);
        if (entry?.Value is YamlMap given)
        {
            map = given;
        }
        else if (entry is not null && entry.Value is not YamlText { IsNull: true })
        {
            _issues.Add(entry.Value.Mark, section.Name, entry.Value.Shown,
                $"'{entry.Value.Shown}' isn't valid; it must be a section: keys and values, indented below '{section.Name}:'.");
        }
        object own = section.Property == nameof(HyperDas.Experiment.Training)
            ? MethodCatalog.Of(soFar.Method.Name).DefaultTraining(soFar.Method.Faithful)
            : Activator.CreateInstance(section.Record)!;
        Enum? choice = Choice(section, own, map);
        OptionKey[] keys = [.. section.KeysFor(choice)];
        foreach (YamlEntry unknown in map.Entries.Where(e => !keys.Any(k => k.Name == e.Key)))
        {
            string path = $"{section.Name}.{unknown.Key}";
            IReadOnlyList<Enum> others = section.GoesWith(unknown.Key);
            string message = others.Count > 0
                ? $"'{unknown.Key}' doesn't apply to {Name(choice!)}, only to {string.Join(", ", others.Select(Name))}. Remove it."
                : $"Unknown key '{unknown.Key}' in '{section.Name}'; {Suggestion.For(unknown.Key, section.Name, [.. keys.Select(k => k.Name)])}";
            _issues.Add(unknown.Mark, path, unknown.Value.Shown, message);
        }
        foreach (OptionKey missing in keys.Where(k => k.IsRequired && map.Find(k.Name) is null))
        {
            YamlMark at = entry?.Mark ?? _root.Mark;
            _issues.Add(at, $"{section.Name}.{missing.Name}", "",
                $"The key '{missing.Name}' of '{section.Name}' is missing; it must be {missing.Expected}.");
        }
        Fill(own, section.Own.Intersect(keys), map, section.Name + ".");
        foreach (SectionPart part in section.PartsFor(choice))
        {
            object record = own is ExperimentMethod method
                ? MethodCatalog.Of((InterpreterMethod)choice!).Defaults(0, method.Faithful)
                : Activator.CreateInstance(part.Record)!;
            Fill(record, part.Keys, map, section.Name + ".");
            section.Record.GetProperty(part.Property)!.SetValue(own, record);
        }
        return own;
    }

    private Enum? Choice(SectionShape section, object own, YamlMap map)
    {
        if (section.Chooser is not { } chooser)
        {
            return null;
        }
        // Fill reports an invalid choice; the keys are then those of the default.
        return map.Find(chooser.Name) is { } entry && ValueReader.TryRead(chooser, entry.Value, "", new IssueList(), out object? value)
            ? (Enum)value!
            : (Enum)chooser.Property.GetValue(own)!;
    }

    private void Fill(object record, IEnumerable<OptionKey> keys, YamlMap map, string prefix)
    {
        foreach (OptionKey key in keys)
        {
            if (map.Find(key.Name) is not { } entry)
            {
                continue;
            }
            string path = prefix + key.Name;
            // The position of a missing value is that of its key.
            YamlNode node = entry.Value is YamlText { IsNull: true, Text: "" } ? entry.Value with { Mark = entry.Mark } : entry.Value;
            _nodes[path] = node;
            if (ValueReader.TryRead(key, node, path, _issues, out object? value))
            {
                key.Property.SetValue(record, value);
            }
        }
    }

    private static string Name(Enum value) => OptionKey.CamelCase(value.ToString());
}
