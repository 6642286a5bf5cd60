using System.ComponentModel.DataAnnotations;

namespace HyperDas;

/// <summary>How an interpreter is trained (docs/methods.md#training). Part of an interpreter's file.</summary>
public sealed record TrainingOptions
{
    /// <summary>
    /// Folder of an interpreter of the same target model and shape to start from, in a document relative to its file; null to start from
    /// the target's blocks. HyperDAS only.
    /// </summary>
    [Before("")]
    public string? From { get; init; }

    /// <summary>Passes over the training examples; 0 leaves the interpreter untrained, as a point of comparison.</summary>
    [Range(0, int.MaxValue)]
    public int Epochs { get; init; } = 6;

    /// <summary>Examples per step.</summary>
    [Range(1, int.MaxValue)]
    public int BatchSize { get; init; } = 32;

    /// <summary>Stop after this many steps, whatever the epochs say; null for no limit. Schedules then span these steps.</summary>
    [Range(1, int.MaxValue)]
    public int? MaxSteps { get; init; }

    /// <summary>Learning rate of the main group.</summary>
    [Range(0.0, double.MaxValue, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 7e-4;

    /// <summary>Learning rate of rotations.</summary>
    [Range(0.0, double.MaxValue)]
    public double RotationLearningRate { get; init; } = 2e-3;

    /// <summary>Learning rate of mask projections.</summary>
    [Range(0.0, double.MaxValue)]
    public double MaskLearningRate { get; init; } = 1e-2;

    /// <summary>Decoupled weight decay of all but rotations.</summary>
    [Range(0.0, double.MaxValue)]
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>
    /// Share of the steps after which learning rates fall linearly to a tenth; 1 = never, as the original.
    /// </summary>
    [Range(0.0, 1.0)]
    public double DecayFrom { get; init; } = 0.5;

    /// <summary>Weight of cause examples in the prediction loss.</summary>
    [Range(0.0, double.MaxValue)]
    public double CauseWeight { get; init; } = 1;

    /// <summary>Weight of isolate examples in the prediction loss.</summary>
    [Range(0.0, double.MaxValue)]
    public double IsolateWeight { get; init; } = 1;

    /// <summary>
    /// How much more examples weigh whose group fares badly: the weight of a group in the prediction loss is what it fails by, relative to
    /// the mean of all, to this power. Groups are an attribute's cause examples, its isolate examples, and of a domain those that describe
    /// what isn't there. 0 weighs all alike, as the original.
    /// </summary>
    [Range(0.0, 4.0)]
    [Before("0")]
    public double WorstGroupExponent { get; init; }

    /// <summary>What tells how badly a group of examples fares.</summary>
    [Before(nameof(GroupSignal.TrainingLoss))]
    public GroupSignal WorstGroupSignal { get; init; }

    /// <summary>
    /// Weight of the sparsity loss at the first step, were there no warm-up; 0 with <see cref="SparsityEnd"/> 0 switches it off.
    /// </summary>
    [Range(0.0, double.MaxValue)]
    public double SparsityStart { get; init; }

    /// <summary>Weight of the sparsity loss at the end.</summary>
    [Range(0.0, double.MaxValue)]
    public double SparsityEnd { get; init; } = 0.3;

    /// <summary>Share of the steps in which the sparsity loss doesn't count.</summary>
    [Range(0.0, 1.0)]
    public double SparsityWarmUp { get; init; }

    /// <summary>What the sparsity loss charges; the original's charge jumps.</summary>
    public SparsityCharge SparsityCharge { get; init; } = SparsityCharge.Excess;

    /// <summary>Temperature of mask and boundless subspaces at the first step.</summary>
    [Range(0.0, double.MaxValue, MinimumIsExclusive = true)]
    public double TemperatureStart { get; init; } = 50;

    /// <summary>Temperature at the end.</summary>
    [Range(0.0, double.MaxValue, MinimumIsExclusive = true)]
    public double TemperatureEnd { get; init; } = 0.1;

    /// <summary>Largest global gradient norm.</summary>
    [Range(0.0, double.MaxValue, MinimumIsExclusive = true)]
    public double ClipNorm { get; init; } = 4;

    /// <summary>
    /// Share of the training examples whose prompts are shown beyond the entity, the base's with another example's ending. Free text
    /// doesn't say where its entity ends, so an interpreter for free text must have found entities in whole prompts; a lent ending
    /// keeps it from reading the question instead. The original shows none.
    /// </summary>
    [Range(0.0, 1.0)]
    public double WholePromptShare { get; init; } = 0.5;

    /// <summary>
    /// Probability, drawn anew in every step, that an example's base is shown at the entity's last token only. What stands before the
    /// entity often tells what is asked, and an interpreter that always sees it learns whether to patch rather than which subspace; the
    /// original always shows it. Null for 0.5 where the dataset's concepts are described in many words, 0 elsewhere.
    /// </summary>
    [Range(0.0, 1.0)]
    public double? EntityOnlyShare { get; init; }

    /// <summary>
    /// Share of the steps after which training edits with one-to-one weights, gradients passing straight through to the soft ones; 1 =
    /// never, as the original.
    /// </summary>
    [Range(0.0, 1.0)]
    public double DiscreteFrom { get; init; } = 1;

    /// <summary>
    /// Draw pairs and words anew in each epoch where the dataset has more than its rows; the original trains on fixed rows, and
    /// so do methods with a fixed position unless told otherwise.
    /// </summary>
    [Before("False")]
    public bool DrawAnew { get; init; } = true;

    /// <summary>
    /// Steps from one look at validation examples to the next; 0 for none, null for about twenty in a training that is long enough.
    /// </summary>
    [Before("0")]
    [Range(0, int.MaxValue)]
    public int? ValidateEvery { get; init; }

    /// <summary>
    /// Share of the training's time that looking at validation examples may take: as many of them are scored as fit, an example trained
    /// being counted as three scored.
    /// </summary>
    [Before("0", "0.1")]
    [Range(0.0, 1.0)]
    public double ValidationShare { get; init; } = 0.1;

    /// <summary>Return the parameters that did best on validation examples, instead of the last.</summary>
    [Before("False")]
    public bool KeepBest { get; init; } = true;

    /// <summary>Stop after so many looks at validation examples in which nothing got better; null for never.</summary>
    [Before("")]
    [Range(1, int.MaxValue)]
    public int? Patience { get; init; }

    /// <summary>Put prompts of similar length into a batch, which wastes less on padding; the original shuffles plainly.</summary>
    public bool GroupByLength { get; init; } = true;

    /// <summary>Memory for cached hidden states, in bytes.</summary>
    [Range(0.0, long.MaxValue)]
    public long CacheBytes { get; init; } = 2L << 30;

    /// <summary>
    /// Memory that a step may take beside model, interpreter and cache, in bytes: a batch that needs more is worked through in parts whose
    /// gradients add up to the same. Null for no limit.
    /// </summary>
    [Range(1.0, long.MaxValue)]
    public long? MemoryLimit { get; init; }

    /// <summary>
    /// What the optimiser's two moments are held in: 8 bytes for each trained parameter in float32, 4 in bfloat16, 2 in eight bits. Null
    /// for float32, or bfloat16 with a large target.
    /// </summary>
    [Before("", nameof(HyperDas.MomentFormat.Float32))]
    public MomentFormat? MomentFormat { get; init; }

    /// <summary>
    /// Keep only the input of each block above the intervention layer for the backward pass, and run the block again there: a step takes a
    /// fraction of the memory and a forward pass of those blocks more. Null for no, or yes with a large target.
    /// </summary>
    [Before("", "False")]
    public bool? Recompute { get; init; }

    /// <summary>Seed of starts, order and chance.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>The original's values, its loss weights and constant rates among them.</summary>
    public TrainingOptions Faithful() => this with
    {
        Epochs = 3,
        BatchSize = 16,
        LearningRate = 4e-5,
        RotationLearningRate = 1e-3,
        MaskLearningRate = 1e-2,
        WeightDecay = 0.01,
        DecayFrom = 1,
        CauseWeight = 3.5,
        IsolateWeight = 0.5,
        WorstGroupExponent = 0,
        WorstGroupSignal = GroupSignal.TrainingLoss,
        SparsityStart = 0.15,
        SparsityEnd = 1.5,
        SparsityWarmUp = 0.5,
        SparsityCharge = SparsityCharge.WholeMass,
        TemperatureStart = 50,
        TemperatureEnd = 0.1,
        ClipNorm = 4,
        WholePromptShare = 0,
        EntityOnlyShare = 0,
        DiscreteFrom = 1,
        DrawAnew = false,
        ValidateEvery = 0,
        KeepBest = false,
        Patience = null,
        GroupByLength = false,
        MomentFormat = HyperDas.MomentFormat.Float32,
        Recompute = false,
    };

    /// <summary>Defaults of a method, see <see cref="MethodOptions.DefaultTraining"/>.</summary>
    /// <param name="method">The method.</param>
    public static TrainingOptions Of(InterpreterMethod method) =>
        ((MethodOptions)Activator.CreateInstance(MethodOptions.TypeOf(method))!).DefaultTraining();
}
