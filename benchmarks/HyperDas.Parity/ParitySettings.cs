namespace HyperDas.Parity;

/// <summary>Settings of one method on the fixed rows.</summary>
/// <param name="Name">Name in results.</param>
/// <param name="Training">How it is trained.</param>
/// <param name="Method">What the interpreter consists of.</param>
/// <param name="ConceptOnly">Replace the rows' instructions, which name both entities, by the concept alone.</param>
internal sealed record ParitySettings(
    string Name, TrainingOptions Training, MethodOptions Method, bool ConceptOnly = false)
{
    private const int Layer = 4, Dimension = 32;

    /// <summary>Everything that can be run, by name.</summary>
    public static IReadOnlyList<ParitySettings> All =>
    [
        Faithful("faithful-2e-4", 2e-4),
        Faithful("faithful-5e-4", 5e-4),
        Faithful("faithful-1e-3", 1e-3),
        // As the original's: one subspace for each attribute, constant rate, no clipping, equal weights.
        new(
            "mdas-1e-3",
            MethodOptions.TrainingOf(InterpreterMethod.Mdas) with
            {
                Epochs = 5, BatchSize = 16, RotationLearningRate = 1e-3, ClipNorm = 1e9, GroupByLength = false
            },
            new MdasOptions { Layer = Layer, FeatureDimension = Dimension }),
        // Chosen on held-out training templates (--split Val); as many reflections as dimensions, or a generated basis.
        Better("hyperdas", SubspaceKind.Householder),
        Better("hyperdas-generated", SubspaceKind.Generated),
    ];

    private static ParitySettings Better(string name, SubspaceKind subspace) => new(
        name,
        new TrainingOptions { Epochs = 4, WholePromptShare = 0 },
        new HypernetworkOptions { Layer = Layer, FeatureDimension = Dimension, Reflections = Dimension, Subspace = subspace },
        ConceptOnly: true);

    // The runs that the figures come from had a causal mask always: their torch had no fused attention (golden/README).
    private static ParitySettings Faithful(string name, double learningRate) => new(
        name,
        new TrainingOptions().Faithful() with { Epochs = 4, LearningRate = learningRate },
        new HypernetworkOptions { Layer = Layer,
            FeatureDimension = Dimension }.Faithful() with { BidirectionalUnpaddedInstructions = false });
}
