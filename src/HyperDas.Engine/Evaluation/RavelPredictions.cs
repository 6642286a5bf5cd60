namespace HyperDas.Engine.Evaluation;

/// <summary>What an interpreter made the target model answer, for one selection mode, in the order of the examples.</summary>
internal sealed class RavelPredictions
{
    internal RavelPredictions(int count)
    {
        LabelHits = new bool[count];
        Generated = new int[count][];
    }

    /// <summary>Teacher-forced: whether the likeliest token is the label's at each label position that counts.</summary>
    internal bool[] LabelHits { get; }

    /// <summary>Generated token ids; null entries where none were asked for.</summary>
    internal int[][] Generated { get; }
}
