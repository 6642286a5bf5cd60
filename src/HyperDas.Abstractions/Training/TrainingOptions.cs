using System.ComponentModel.DataAnnotations;

namespace HyperDas;

/// <summary>How an interpreter is trained (docs/methods.md#training). Part of an interpreter's file.</summary>
public sealed record TrainingOptions
{
    /// <summary>
    /// Folder of an interpreter of the same target model and shape to start from; in a document relative to its file. Null starts from the
    /// target's blocks. HyperDAS only.
    /// </summary>
    [Before("")]
    public string? From { get; init; }

    /// <summary>Passes over the training examples; 0 leaves the interpreter untrained, for comparison.</summary>
    [Range(0, int.MaxValue)]
    public int Epochs { get; init; } = 6;

    /// <summary>Examples per step.</summary>
    [Range(1, int.MaxValue)]
    public int BatchSize { get; init; } = 32;

    /// <summary>Maximum number of steps, regardless of the epochs; null for no limit. Schedules then span these steps.</summary>
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

    /// <summary>Decoupled weight decay of everything but rotations.</summary>
    [Range(0.0, double.MaxValue)]
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Share of the steps after which learning rates fall linearly to a tenth; 1 = never, as in the original.</summary>
    [Range(0.0, 1.0)]
    public double DecayFrom { get; init; } = 0.5;

    /// <summary>Weight of cause examples in the prediction loss.</summary>
    [Range(0.0, double.MaxValue)]
    public double CauseWeight { get; init; } = 1;

    /// <summary>Weight of isolate examples in the prediction loss.</summary>
    [Range(0.0, double.MaxValue)]
    public double IsolateWeight { get; init; } = 1;

    /// <summary>
    /// How much more the examples of poorly learned groups weigh: the weight of a group in the prediction loss is its failure relative to
    /// the mean of all groups, to this power. Groups are an attribute's cause examples, its isolate examples, and a domain's examples with
    /// absent descriptions. 0 weights all groups equally, as in the original.
    /// </summary>
    [Range(0.0, 4.0)]
    [Before("0")]
    public double WorstGroupExponent { get; init; }

    /// <summary>What measures the failure of a group of examples.</summary>
    [Before(nameof(GroupSignal.TrainingLoss))]
    public GroupSignal WorstGroupSignal { get; init; }

    /// <summary>
    /// Weight of a loss that makes the concept vectors of a batch's descriptions alike where they describe the same concept, and unlike
    /// where they don't, whatever their words (supervised contrastive loss, Khosla et al. 2020). 0 for none, as in the original; null for
    /// 0.3 if the dataset has varied descriptions of its concepts, otherwise 0.
    /// </summary>
    [Range(0.0, double.MaxValue)]
    [Before("0")]
    public double? ContrastWeight { get; init; }

    /// <summary>
    /// Weight of the sparsity loss at the first step if there were no warm-up; 0 together with <see cref="SparsityEnd"/> 0 turns it off.
    /// </summary>
    [Range(0.0, double.MaxValue)]
    public double SparsityStart { get; init; }

    /// <summary>Weight of the sparsity loss at the end.</summary>
    [Range(0.0, double.MaxValue)]
    public double SparsityEnd { get; init; } = 0.3;

    /// <summary>Share of the steps, from the start, in which the sparsity loss doesn't count.</summary>
    [Range(0.0, 1.0)]
    public double SparsityWarmUp { get; init; }

    /// <summary>What the sparsity loss charges; the original's charge has a jump.</summary>
    public SparsityCharge SparsityCharge { get; init; } = SparsityCharge.Excess;

    /// <summary>Temperature of mask and boundless subspaces at the first step.</summary>
    [Range(0.0, double.MaxValue, MinimumIsExclusive = true)]
    public double TemperatureStart { get; init; } = 50;

    /// <summary>Temperature at the end.</summary>
    [Range(0.0, double.MaxValue, MinimumIsExclusive = true)]
    public double TemperatureEnd { get; init; } = 0.1;

    /// <summary>Maximum global gradient norm; larger gradients are scaled down.</summary>
    [Range(0.0, double.MaxValue, MinimumIsExclusive = true)]
    public double ClipNorm { get; init; } = 4;

    /// <summary>
    /// Share of the training examples whose prompts are shown beyond the entity, the base's with another example's suffix. Free text
    /// doesn't indicate where its entity ends, so an interpreter for free text must learn to find entities in whole prompts; the other
    /// example's suffix keeps it from reading the question instead. The original shows none.
    /// </summary>
    [Range(0.0, 1.0)]
    public double WholePromptShare { get; init; } = 0.5;

    /// <summary>
    /// Probability, drawn anew in every step, that only the last entity token of an example's base is shown. The text before the entity
    /// often reveals what is asked, and an interpreter that always sees it learns whether to patch rather than which subspace; the original
    /// always shows it. Null for 0.5 if the dataset has varied descriptions of its concepts, otherwise 0.
    /// </summary>
    [Range(0.0, 1.0)]
    public double? EntityOnlyShare { get; init; }

    /// <summary>
    /// Share of the steps after which training edits with one-to-one weights and straight-through gradients; 1 = never, as in the original.
    /// </summary>
    [Range(0.0, 1.0)]
    public double DiscreteFrom { get; init; } = 1;

    /// <summary>
    /// Draw new pairs and descriptions in each epoch if the dataset has more than its rows. The original trains on fixed rows, and so do
    /// methods with a fixed position by default.
    /// </summary>
    [Before("False")]
    public bool DrawAnew { get; init; } = true;

    /// <summary>
    /// Steps between evaluations on validation examples; 0 for none, null for about twenty evaluations in a training that is long enough.
    /// </summary>
    [Before("0")]
    [Range(0, int.MaxValue)]
    public int? ValidateEvery { get; init; }

    /// <summary>
    /// Share of the training's time that validation may take. It limits the number of validation examples scored; training on one example
    /// counts as much as scoring three.
    /// </summary>
    [Before("0", "0.1")]
    [Range(0.0, 1.0)]
    public double ValidationShare { get; init; } = 0.1;

    /// <summary>Return the parameters that were best on validation examples instead of the last ones.</summary>
    [Before("False")]
    public bool KeepBest { get; init; } = true;

    /// <summary>Stop after this many evaluations without improvement; null for never.</summary>
    [Before("")]
    [Range(1, int.MaxValue)]
    public int? Patience { get; init; }

    /// <summary>Put prompts of similar length into the same batch, which reduces padding; the original only shuffles.</summary>
    public bool GroupByLength { get; init; } = true;

    /// <summary>Memory for cached hidden states, in bytes.</summary>
    [Range(0.0, long.MaxValue)]
    public long CacheBytes { get; init; } = 2L << 30;

    /// <summary>
    /// Memory that a step may take in addition to model, interpreter and cache, in bytes. A batch that needs more is split into parts whose
    /// gradients add up to the same gradient. Null for no limit.
    /// </summary>
    [Range(1.0, long.MaxValue)]
    public long? MemoryLimit { get; init; }

    /// <summary>
    /// Number format of the optimiser's two moments: 8 bytes for each trained parameter in float32, 4 in bfloat16, 2 in eight bits. Null
    /// for float32, or bfloat16 with a large target.
    /// </summary>
    [Before("", nameof(HyperDas.MomentFormat.Float32))]
    public MomentFormat? MomentFormat { get; init; }

    /// <summary>
    /// Keep only the input of each block above the intervention layer for the backward pass, and compute the block again there. A step then
    /// takes a fraction of the memory and one more forward pass of those blocks. Null for no, or yes with a large target.
    /// </summary>
    [Before("", "False")]
    public bool? Recompute { get; init; }

    /// <summary>Seed of initial values, order and random draws.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>The original's values, including its loss weights and constant rates.</summary>
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
        ContrastWeight = 0,
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
}
