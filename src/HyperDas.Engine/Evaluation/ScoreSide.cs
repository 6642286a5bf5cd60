namespace HyperDas.Engine.Evaluation;

/// <summary>
/// Cause or isolate of one attribute as an average of averages: the attributes asked for have equal weights, and within each its templates
/// do (docs/methods.md#averages). Dialects that pool have one attribute with one template.
/// </summary>
/// <param name="groups">By attribute asked for, by template.</param>
internal sealed class ScoreSide(IReadOnlyList<IReadOnlyList<ScoreCell>> groups)
{
    /// <summary>Number of examples.</summary>
    internal int Count { get; } = groups.Sum(cells => cells.Sum(cell => cell.Count));

    /// <summary>Percentage of correct examples; NaN for none.</summary>
    /// <param name="weights">Multiplicity of each entity; null for 1.</param>
    internal double Percent(int[]? weights) => Mean(groups.Select(cells => Mean(cells.Select(cell => cell.Percent(weights)))));

    /// <summary>The mean of the values that aren't NaN; NaN if there are none.</summary>
    internal static double Mean(IEnumerable<double> values) =>
        values.Where(value => !double.IsNaN(value)).DefaultIfEmpty(double.NaN).Average();
}
