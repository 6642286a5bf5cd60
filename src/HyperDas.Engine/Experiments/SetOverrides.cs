using HyperDas.Engine.Experiments.Yaml;

namespace HyperDas.Engine.Experiments;

/// <summary>Applies settings of the command line to a document before it is checked.</summary>
internal static class SetOverrides
{
    /// <summary>File name in the positions of these settings.</summary>
    public const string Source = "-Set";

    /// <summary>The document with the settings applied. A setting of a swept key removes the key from the sweep.</summary>
    /// <param name="root">The document.</param>
    /// <param name="settings">Settings like <c>training.epochs=2</c>.</param>
    /// <param name="issues">Receives issues.</param>
    public static YamlMap Apply(YamlMap root, IReadOnlyList<string> settings, IssueList issues)
    {
        for (int i = 0; i < settings.Count; i++)
        {
            string setting = settings[i];
            int equals = setting.IndexOf('=', StringComparison.Ordinal);
            YamlMark start = new(Source, i + 1, 1);
            if (equals <= 0)
            {
                issues.Add(start, "", setting, $"'{setting}' isn't a setting; use a key and a value, e.g. training.epochs=2.");
                continue;
            }
            string key = setting[..equals].Trim();
            YamlMark mark = start with { Column = equals + 2 };
            List<ExperimentIssue> found = [];
            YamlNode value = YamlTree.Read(setting[(equals + 1)..], mark, found) ?? new YamlText(mark, "", IsPlain: true);
            // An error at the end of the text is reported on the line after it.
            issues.AddRange(found.Select(
                f => f with { Key = key, Line = mark.Line, Column = f.Line == mark.Line ? f.Column : mark.Column }));
            root = found.Count > 0 ? root : Put(root, key, start, value);
        }
        return root;
    }

    /// <summary>The document with one value replaced or added.</summary>
    /// <param name="root">The document.</param>
    /// <param name="key">Dotted key; the rest after <c>sweep.</c> is one key.</param>
    /// <param name="mark">Position of the key.</param>
    /// <param name="value">Value.</param>
    public static YamlMap Put(YamlMap root, string key, YamlMark mark, YamlNode value)
    {
        string[] parts = key.Split('.', 2);
        if (parts[0] != SectionShape.SweepKey && root.Find(SectionShape.SweepKey)?.Value is YamlMap sweep && sweep.Find(key) is not null)
        {
            root = root.With(root.Find(SectionShape.SweepKey)! with { Value = sweep.Without(key) });
        }
        if (parts.Length == 1)
        {
            return root.With(new YamlEntry(key, mark, value));
        }
        YamlEntry? section = root.Find(parts[0]);
        YamlMap map = section?.Value as YamlMap ?? new YamlMap(mark, []);
        return root.With(new YamlEntry(parts[0], section?.Mark ?? mark, map.With(new YamlEntry(parts[1], mark, value))));
    }
}
