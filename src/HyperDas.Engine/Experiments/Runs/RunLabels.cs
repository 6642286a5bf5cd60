namespace HyperDas.Engine.Experiments.Runs;

/// <summary>Labels that distinguish the runs of a sweep.</summary>
internal static class RunLabels
{
    private static readonly string[] s_seeds = ["seed", "data.seed"];

    // Settings that scores contain themselves.
    private static readonly string[] s_places = ["method.layer", "method.featureDimension"];

    /// <summary>Whether a key only changes the seed.</summary>
    /// <param name="key">Dotted key.</param>
    public static bool IsSeed(string key) => s_seeds.Contains(key);

    /// <summary>The settings without seeds.</summary>
    /// <param name="values">Settings that vary, by dotted key.</param>
    public static IReadOnlyDictionary<string, string> WithoutSeeds(IReadOnlyDictionary<string, string> values) =>
        values.Where(v => !IsSeed(v.Key)).ToDictionary(v => v.Key, v => v.Value);

    /// <summary>Settings that a score doesn't contain, e.g. <c>batchSize 16</c>; null for none.</summary>
    /// <param name="values">Settings that vary, by dotted key.</param>
    public static string? Settings(IReadOnlyDictionary<string, string> values)
    {
        string text = Text(values.Where(v => !IsSeed(v.Key) && !s_places.Contains(v.Key) && v.Key != "method.name"));
        return text.Length > 0 ? text : null;
    }

    /// <summary>Settings as text, the last part of each key.</summary>
    /// <param name="values">Settings by dotted key.</param>
    public static string Text(IEnumerable<KeyValuePair<string, string>> values) =>
        string.Join(", ", values.Select(v => $"{v.Key[(v.Key.LastIndexOf('.') + 1)..]} {v.Value}"));
}
