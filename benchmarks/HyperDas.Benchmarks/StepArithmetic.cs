using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Ravel;

namespace HyperDas.Benchmarks;

/// <summary>
/// The least that a training step must do: multiplications of its matrix products, and passes over what is trained. Frozen weights need a
/// forward product and one for the gradient of their input; trained ones a third for their own gradient.
/// </summary>
/// <param name="config">The target model's shape.</param>
/// <param name="options">The hypernetwork; householder subspaces, one layer read.</param>
internal sealed class StepArithmetic(ModelConfig config, HypernetworkOptions options)
{
    // Values read forward and backward, gradients written and read for their norm, then read with values and moments, and three written.
    private const int PassesOverTrained = 11;

    private const int Frozen = 2, Trained = 3;

    private double D => config.HiddenSize;

    private double Q => (double)config.HeadCount * config.HeadWidth;

    private double Kv => (double)config.KeyValueHeadCount * config.HeadWidth;

    private double Inner => config.InnerWidth;

    /// <summary>Floating-point operations of a step on a batch, without padding.</summary>
    internal double Operations(IReadOnlyCollection<TokenizedExample> batch) => batch.Sum(Operations) + Basis;

    /// <summary>Bytes that are moved for what is trained.</summary>
    /// <param name="parameters">Numbers that are trained.</param>
    internal static double Bytes(long parameters) => (double)parameters * sizeof(float) * PassesOverTrained;

    // The rotation: k reflections of k columns, forward and backward.
    private double Basis => 2 * Trained * D * options.FeatureDimension * options.FeatureDimension;

    private double Operations(TokenizedExample e)
    {
        double tokens = e.BaseIds.Length, labels = e.LabelLength, shown = e.BaseVisible + e.SourceVisible,
            instruction = e.InstructionIds.Length;
        double feedForward = 3 * D * Inner, whole = config.BlockCount - options.Layer - 1;
        double upper = tokens * ((D * ((2 * Q) + (2 * Kv))) + feedForward + (tokens * Q));
        double last = (tokens * D * 2 * Kv) + (labels * ((2 * D * Q) + feedForward + (2 * tokens * Q) + (D * config.VocabularySize)));
        double prompts = shown * D * 2 * Kv * options.Blocks;
        double block = (D * ((2 * Q) + (2 * Kv))) + (4 * D * Q) + feedForward + (2 * shown * Q);
        double network = (instruction * block * (options.Blocks - 1)) + (instruction * D * 2 * Kv) + block;
        double inner = options.SubspaceInner ?? Inner;
        double subspace = (2 * inner * D) + (inner * D * options.Reflections);
        double edit = tokens * D * ((2 * options.FeatureDimension) + (4 * options.Reflections));
        double selection = shown * D * (Kv + D);
        // The hidden states of prompts need no gradient.
        return 2 * ((Frozen * ((upper * whole) + last)) + (Frozen * prompts) + (Trained * (network + subspace + edit + selection)));
    }
}
