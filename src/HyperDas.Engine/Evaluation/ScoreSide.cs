namespace HyperDas.Engine.Evaluation;

/// <summary>
/// Cause or isolate of one attribute as an average of averages: attributes asked weigh equally, and within each its templates do
/// (docs/methods.md#averages). Dialects that pool have one attribute with one template.
/// </summary>
/// <param name="groups">Per attribute asked, per template.</param>
internal sealed class ScoreSide(IReadOnlyList<IReadOnlyList<ScoreCell>> groups)
{
    /// <summary>Number of examples.</summary>
    internal int Count { get; } = groups.Sum(cells => cells.Sum(cell => cell.Count));

    /// <summary>Share that is right, in percent; NaN for none.</summary>
    /// <param name="weights">How often each entity counts; null for once.</param>
    internal double Percent(int[]? weights) => Mean(groups.Select(cells => Mean(cells.Select(cell => cell.Percent(weights)))));

    /// <summary>The mean of what there is; NaN for nothing.</summary>
    internal static double Mean(IEnumerable<double> values) =>
        values.Where(value => !double.IsNaN(value)).DefaultIfEmpty(double.NaN).Average();
}
