namespace HyperDas.Engine.Methods.HyperDas;

/// <summary>Number of trained values of a hypernetwork, computed before anything is allocated.</summary>
/// <param name="Embedding">Its copy of the target's token embeddings; 0 if it reads the target's own.</param>
/// <param name="Blocks">Blocks or their adapters, cross-attentions, projections and selection head.</param>
/// <param name="Subspace">The subspace module.</param>
/// <param name="Largest">The largest single tensor, whose gradient temporarily exists twice.</param>
public sealed record HypernetworkSize(double Embedding, double Blocks, double Subspace, double Largest)
{
    /// <summary>The sum. A double, in which no product of sizes overflows.</summary>
    public double Total => Embedding + Blocks + Subspace;

    /// <summary>Computes the size of a hypernetwork.</summary>
    /// <param name="shape">Widths.</param>
    /// <param name="options">Parts of the network.</param>
    public static HypernetworkSize Of(HypernetworkShape shape, HypernetworkOptions options)
    {
        double d = shape.Hidden, target = shape.TargetHidden, q = shape.QueryWidth, kv = shape.KeyWidth, inner = shape.Inner;
        int crossed = (options.AblateSourceAttention ? 0 : 1) + (options.AblateBaseAttention ? 0 : 1);
        bool whole = options.AdapterRank is null or 0;
        (double block, double largestOfBlock) = whole ? Whole() : Adapters(options.AdapterRank!.Value);
        double embedding = whole && options.HypernetworkWidth is null ? d * shape.Vocabulary : 0;
        double projections = options.HypernetworkWidth is null ? 0 : 3 * d * target;
        double head = (d * (q + kv)) + (2 * d * d) + (options.Selection == SelectionScore.Bilinear ? 3 * d * d : 0)
            + (options.EndBias ? SelectionHead.EndBiasCount : 0);
        (double subspace, double largestOfSubspace) = OfSubspace(options, target, options.SubspaceInner ?? shape.TargetInner);
        double[] largest = [embedding, largestOfBlock, projections / 3, d * Math.Max(q, 2 * d), largestOfSubspace];
        return new HypernetworkSize(embedding, (options.Blocks * block) + d + projections + head, subspace, largest.Max());

        (double, double) Whole()
        {
            double cross = crossed * (d + (2 * q * d) + (2 * kv * d));
            double keysAndValues = crossed == 0 ? 0 : 2 * options.Blocks * kv * d;
            return ((2 * d) + (d * ((2 * q) + (2 * kv))) + (3 * d * inner) + cross,
                Math.Max(Math.Max(2 * d * inner, d * (q + (2 * kv))), keysAndValues));
        }

        (double, double) Adapters(double rank)
        {
            double Size(double inputs, double outputs) => AdaptedProjection.Size(rank, inputs, outputs);
            double attention = Size(d, q + (2 * kv)) + Size(q, d), cross = crossed * (d + Size(d, q) + Size(q, d) + Size(d, 2 * kv));
            return ((2 * d) + attention + cross + Size(d, 2 * inner) + Size(inner, d), rank * Math.Max(Math.Max(d, 2 * inner),
                Math.Max(q, q + (2 * kv))));
        }
    }

    private static (double Total, double Largest) OfSubspace(HypernetworkOptions options, double d, double inner)
    {
        double k = options.FeatureDimension, r = options.Reflections, span = options.SubspaceSpan ?? 0;
        double made = span == 0 ? d : span;
        return options.Subspace switch
        {
            SubspaceKind.None => (0, 0),
            SubspaceKind.Householder => Mlp(made * r, d * (k + span)),
            SubspaceKind.Generated => Mlp(made * k, d * (k + span)),
            SubspaceKind.LowRank => (d * k, d * k),
            SubspaceKind.Mask => Mlp(k, d * k),
            SubspaceKind.Boundless => ((d * d) + 2, d * d),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Subspace, "Unknown subspace."),
        };

        (double, double) Mlp(double output, double beside) =>
            (d + (2 * inner * d) + (inner * output) + beside, Math.Max(Math.Max(2 * inner * d, inner * output), Math.Max(d * k, d * span)));
    }
}
