using HyperDas.Engine.Methods;

namespace HyperDas.Engine.Experiments;

/// <summary>A record whose properties are keys of a section, for some values of the discriminating key.</summary>
/// <param name="Property">Property of the section's own record that holds it.</param>
/// <param name="Record">Type of the record.</param>
/// <param name="For">The value to which it applies; null for all.</param>
internal sealed record SectionPart(string Property, Type Record, Enum? For)
{
    /// <summary>The part's keys.</summary>
    public IReadOnlyList<OptionKey> Keys { get; } = OptionKey.Of(Record);
}

/// <summary>A section of a document.</summary>
internal sealed class SectionShape
{
    private SectionShape(Type record, string property = "", string? chooser = null, SectionPart[]? parts = null)
    {
        Property = property;
        Name = OptionKey.CamelCase(property);
        Record = record;
        Parts = parts ?? [];
        Own =
        [
            .. OptionKey.Of(record).Where(k => property != nameof(Experiment.Training) || k.Property.Name != nameof(TrainingOptions.Seed))
        ];
        Chooser = chooser is null ? null : Own.Single(k => k.Property.Name == chooser);
    }

    /// <summary>The keys outside any section.</summary>
    public static SectionShape Root { get; } = new(typeof(Experiment));

    /// <summary>The sections, in the order of a document. The training's seed is the document's.</summary>
    public static IReadOnlyList<SectionShape> All { get; } =
    [
        new(typeof(ExperimentTarget), nameof(Experiment.Target)),
        new(typeof(ExperimentData), nameof(Experiment.Data), nameof(ExperimentData.Builder),
        [
            new(nameof(ExperimentData.Pairs), typeof(RavelBuildOptions), RavelBuilder.HyperDas),
            new(nameof(ExperimentData.Instances), typeof(RavelInstanceOptions), RavelBuilder.Ravel),
        ]),
        new(typeof(ExperimentMethod), nameof(Experiment.Method), nameof(ExperimentMethod.Name),
        [
            .. MethodCatalog.All.Select(m => new SectionPart(nameof(ExperimentMethod.Options), m.OptionsType, m.Method)),
        ]),
        new(typeof(TrainingOptions), nameof(Experiment.Training)),
        new(typeof(ExperimentEvaluation), nameof(Experiment.Evaluation), parts:
        [
            new(nameof(ExperimentEvaluation.Scoring), typeof(RavelScoringOptions), For: null),
        ]),
        new(typeof(ExperimentOutputs), nameof(Experiment.Outputs)),
    ];

    /// <summary>Key of the sweep: dotted keys with lists of values.</summary>
    public const string SweepKey = "sweep";

    /// <summary>The section's key.</summary>
    public string Name { get; }

    /// <summary>The experiment's property.</summary>
    public string Property { get; }

    /// <summary>Type of the section's own record.</summary>
    public Type Record { get; }

    /// <summary>Keys of the section's own record.</summary>
    public IReadOnlyList<OptionKey> Own { get; }

    /// <summary>The key whose value determines the parts, or null.</summary>
    public OptionKey? Chooser { get; }

    /// <summary>Further records.</summary>
    public IReadOnlyList<SectionPart> Parts { get; }

    /// <summary>The values to which a key applies; empty if it applies to all.</summary>
    /// <param name="key">A key of the section.</param>
    public IReadOnlyList<Enum> GoesWith(string key)
    {
        if (s_own.TryGetValue(key, out Enum[]? only))
        {
            return only;
        }
        SectionPart[] having = [.. Parts.Where(p => p.Keys.Any(k => k.Name == key))];
        return having.Length == 0 || having.Any(p => p.For is null) ? [] : [.. having.Select(p => p.For!)];
    }

    /// <summary>The keys for a value: the section's own, then its parts'.</summary>
    /// <param name="choice">Value of the discriminating key; null in a section without one.</param>
    public IEnumerable<OptionKey> KeysFor(Enum? choice) =>
        Own.Concat(PartsFor(choice).SelectMany(p => p.Keys))
            .Where(k => GoesWith(k.Name) is not { Count: > 0 } only || only.Contains(choice));

    /// <summary>The parts for a value.</summary>
    /// <param name="choice">Value of the discriminating key; null in a section without one.</param>
    public IEnumerable<SectionPart> PartsFor(Enum? choice) => Parts.Where(p => p.For is null || p.For.Equals(choice));

    /// <summary>Every key of the section, without duplicates.</summary>
    public IEnumerable<OptionKey> AllKeys => Own.Concat(Parts.SelectMany(p => p.Keys)).DistinctBy(k => k.Name);

    // Keys of a section's own record that apply to some methods only.
    private static readonly Dictionary<string, Enum[]> s_own = new()
    {
        [OptionKey.CamelCase(nameof(ExperimentMethod.Faithful))] = Methods(m => m.HasFaithful),
        [OptionKey.CamelCase(nameof(ExperimentMethod.AllEntities))] = Methods(m => m.LearnsFromDomains),
    };

    private static Enum[] Methods(Func<MethodDescription, bool> have) => [.. MethodCatalog.All.Where(have).Select(m => (Enum)m.Method)];
}
