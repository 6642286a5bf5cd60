namespace HyperDas.Engine.Evaluation;

/// <summary>Examples that are pooled, counted by base entity: what a bootstrap sample needs of them.</summary>
internal sealed class ScoreCell
{
    private readonly int[] _entities;
    private readonly int[] _counts;
    private readonly int[] _right;

    /// <summary>Counts.</summary>
    /// <param name="examples">Per example its base entity, and whether it is right.</param>
    internal ScoreCell(IEnumerable<(int Entity, bool Right)> examples)
    {
        (int Entity, int Count, int Right)[] groups =
            [.. examples.GroupBy(e => e.Entity).Select(g => (g.Key, g.Count(), g.Count(e => e.Right)))];
        _entities = [.. groups.Select(g => g.Entity)];
        _counts = [.. groups.Select(g => g.Count)];
        _right = [.. groups.Select(g => g.Right)];
        Count = _counts.Sum();
    }

    /// <summary>Number of examples.</summary>
    internal int Count { get; }

    /// <summary>Share that is right, in percent; NaN for none.</summary>
    /// <param name="weights">How often each entity counts; null for once.</param>
    internal double Percent(int[]? weights)
    {
        int count = 0, right = 0;
        for (int i = 0; i < _entities.Length; i++)
        {
            int weight = weights is null ? 1 : weights[_entities[i]];
            count += weight * _counts[i];
            right += weight * _right[i];
        }
        return count == 0 ? double.NaN : 100.0 * right / count;
    }
}
