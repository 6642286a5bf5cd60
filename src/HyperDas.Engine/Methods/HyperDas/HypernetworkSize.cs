namespace HyperDas.Engine.Methods.HyperDas;

/// <summary>How many numbers a hypernetwork trains, counted before anything is allocated.</summary>
/// <param name="Embedding">Its own copy of the target's token embeddings.</param>
/// <param name="Blocks">Blocks, cross-attentions and selection head.</param>
/// <param name="Subspace">The subspace module.</param>
/// <param name="Largest">The largest single tensor: its gradient exists twice for a moment.</param>
public sealed record HypernetworkSize(double Embedding, double Blocks, double Subspace, double Largest)
{
    /// <summary>All of it. A double, in which no product of sizes overflows.</summary>
    public double Total => Embedding + Blocks + Subspace;

    /// <summary>Counts.</summary>
    /// <param name="shape">Widths.</param>
    /// <param name="options">What the network consists of.</param>
    public static HypernetworkSize Of(HypernetworkShape shape, HypernetworkOptions options)
    {
        double d = shape.Hidden, q = shape.QueryWidth, kv = shape.KeyWidth, inner = shape.Inner, embedding = d * shape.Vocabulary;
        int crossed = (options.AblateSourceAttention ? 0 : 1) + (options.AblateBaseAttention ? 0 : 1);
        double cross = crossed * (d + (2 * q * d) + (2 * kv * d));
        double block = (2 * d) + (d * ((2 * q) + (2 * kv))) + (3 * d * inner) + cross;
        double head = (d * (q + kv)) + (2 * d * d) + (options.Selection == SelectionScore.Bilinear ? 3 * d * d : 0) + (options.EndBias ? SelectionHead.EndBiasCount : 0);
        (double subspace, double largestOfSubspace) = OfSubspace(options, d, options.SubspaceInner ?? inner);
        return new HypernetworkSize(embedding, (options.Blocks * block) + d + head, subspace, Math.Max(Math.Max(embedding, 2 * d * inner), largestOfSubspace));
    }

    private static (double Total, double Largest) OfSubspace(HypernetworkOptions options, double d, double inner)
    {
        double k = options.FeatureDimension, r = options.Reflections;
        return options.Subspace switch
        {
            SubspaceKind.None => (0, 0),
            SubspaceKind.Householder => Mlp(d * r, d * k),
            SubspaceKind.Generated => Mlp(d * k, d * k),
            SubspaceKind.LowRank => (d * k, d * k),
            SubspaceKind.Mask => Mlp(k, d * k),
            SubspaceKind.Boundless => ((d * d) + 2, d * d),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Subspace, "Unknown subspace."),
        };

        (double, double) Mlp(double output, double beside) => (d + (2 * inner * d) + (inner * output) + beside, Math.Max(2 * inner * d, inner * output));
    }
}
