namespace HyperDas.Engine.Experiments;

/// <summary>The keys of experiments, for tools that help to write a document.</summary>
public static class ExperimentKeys
{
    /// <summary>Every dotted key, in the order of a document, with a description of its valid values.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = SectionShape.Root.Own.Select(k => (k.Name, k.Expected))
        .Concat(SectionShape.All.SelectMany(s => s.AllKeys.Select(k => ($"{s.Name}.{k.Name}", k.Expected))))
        .ToDictionary(k => k.Item1, k => k.Item2);
}
