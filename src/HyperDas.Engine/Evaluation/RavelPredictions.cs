namespace HyperDas.Engine.Evaluation;

/// <summary>
/// The target model's answers under an interpreter's interventions, for one selection mode, in the order of the examples.
/// </summary>
internal sealed class RavelPredictions
{
    internal RavelPredictions(int count)
    {
        LabelHits = new bool[count];
        Generated = new int[count][];
    }

    /// <summary>Teacher-forced: whether the most likely token is the label's at each label position that counts.</summary>
    internal bool[] LabelHits { get; }

    /// <summary>Generated token ids; null entries where none were requested.</summary>
    internal int[][] Generated { get; }
}
