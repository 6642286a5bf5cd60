namespace HyperDas.Engine.Evaluation;

/// <summary>Pooled examples, counted by base entity as a bootstrap sample requires.</summary>
internal sealed class ScoreCell
{
    private readonly int[] _entities;
    private readonly int[] _counts;
    private readonly int[] _right;

    /// <summary>Counts the examples.</summary>
    /// <param name="examples">For each example its base entity, and whether it is correct.</param>
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

    /// <summary>Percentage of correct examples; NaN for none.</summary>
    /// <param name="weights">Multiplicity of each entity; null for 1.</param>
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
