using System.Collections.ObjectModel;

namespace HyperDas.Engine.Experiments.Runs;

/// <summary>Varying settings with a text for tables.</summary>
/// <param name="values">By dotted key.</param>
internal sealed class VaryingSettings(IReadOnlyDictionary<string, string> values)
    : ReadOnlyDictionary<string, string>(values.ToDictionary(StringComparer.Ordinal))
{
    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", this.Select(value => $"{value.Key}={value.Value}"));
}

/// <summary>Scores of a run with a text for tables.</summary>
/// <param name="scores">The scores.</param>
internal sealed class RunScores(IList<RavelScore> scores) : ReadOnlyCollection<RavelScore>(scores)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Count} scores";
}
