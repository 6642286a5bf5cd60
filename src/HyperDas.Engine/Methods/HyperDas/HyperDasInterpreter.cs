using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Interventions;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.HyperDas;

/// <summary>HyperDAS: a hypernetwork that reads the concept and both prompts and proposes tokens and subspace.</summary>
public sealed class HyperDasInterpreter : Interpreter
{
    private readonly Hypernetwork _network;

    /// <summary>Creates an untrained interpreter.</summary>
    /// <param name="target">The target model, whose first blocks initialise the hypernetwork.</param>
    /// <param name="options">Its parts.</param>
    /// <param name="seed">Seed of the initialisation.</param>
    /// <exception cref="HyperDasException"><c>LayerInvalid</c>, <c>OptionInvalid</c>.</exception>
    public HyperDasInterpreter(LanguageModel target, HypernetworkOptions options, long seed)
        : base(target, options.Layer)
    {
        Validate(target, options);
        Options = options;
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new((ulong)seed, torch.CPU);
        using (no_grad())
        {
            _network = new Hypernetwork(
                Parameters, HypernetworkShape.Of(target.Config, options), options,
                new StartingWeights(target, options, generator), generator);
        }
        Parameters.Seal();
    }

    /// <summary>Its parts.</summary>
    public override HypernetworkOptions Options { get; }

    /// <summary>Initialisation of its blocks, for display: copies of the target's, or random weights and the reason.</summary>
    public string Start => StartOf(Target, Options);

    /// <inheritdoc/>
    public override string Method => "HyperDas";

    /// <inheritdoc/>
    public override int FeatureDimension => Options.Subspace is SubspaceKind.None or SubspaceKind.Boundless
        ? Target.HiddenSize
        : Options.FeatureDimension;

    /// <inheritdoc/>
    public override string Subspace => Options.Subspace.ToString();

    /// <inheritdoc/>
    public override bool LearnsSelection => true;

    /// <inheritdoc/>
    public override bool ReadsDescription => true;

    /// <inheritdoc/>
    public override bool NormedLastLayerSource => Options.NormedLastLayerSource;

    /// <inheritdoc/>
    public override StackDepth Reads => Options.Reads;

    /// <inheritdoc/>
    public override RavelCollatorOptions Collation => CollationOf(Options);

    /// <summary>Whether the blocks of a hypernetwork are initialised as copies of the target's.</summary>
    /// <param name="target">The target model.</param>
    /// <param name="options">Its parts.</param>
    public static bool StartsFromCopies(LanguageModel target, HypernetworkOptions options) =>
        !options.FromScratch && options.HypernetworkWidth is null && StartingWeights.Obstacle(target.Config, options.Blocks) is null;

    /// <summary>
    /// Whether its blocks are initialised as the options specify, rather than randomly because the target's can't be copied.
    /// </summary>
    /// <param name="target">The target model.</param>
    /// <param name="options">Its parts.</param>
    public static bool StartsAsAsked(LanguageModel target, HypernetworkOptions options) =>
        options.FromScratch || options.HypernetworkWidth is not null || StartsFromCopies(target, options);

    /// <summary>Initialisation of a hypernetwork's blocks, for display.</summary>
    /// <param name="target">The target model.</param>
    /// <param name="options">Its parts.</param>
    public static string StartOf(LanguageModel target, HypernetworkOptions options)
    {
        string blocks = options.Blocks == 1 ? "block" : $"{options.Blocks} blocks";
        return options.HypernetworkWidth is { } width ? $"random weights of width {width}, as specified"
            : options.AdapterRank is > 0 ? $"the target's own first {blocks}, with adapters of rank {options.AdapterRank}"
            : options.FromScratch ? "random weights, as specified"
            : StartingWeights.Obstacle(target.Config, options.Blocks) is { } obstacle
                ? $"random weights: the first {blocks} of {target.Architecture} can't be copied, because of {obstacle}"
                : $"copies of the target's first {blocks}";
    }

    /// <summary>Tokenisation options for an interpreter with these options.</summary>
    /// <param name="options">Its parts.</param>
    public static RavelCollatorOptions CollationOf(HypernetworkOptions options) =>
        new() { BaseSuffixVisible = options.BaseSuffixVisible, SourceSuffixVisible = options.SourceSuffixVisible };

    /// <inheritdoc/>
    public override void SetTemperature(double temperature) => _network.Subspace.SetTemperature(temperature);

    /// <inheritdoc/>
    public override Patch Propose(InterchangeBatch batch, Random? coin = null)
    {
        // Embeddings and blocks may be the target's own.
        Target.ThrowIfDisposed();
        bool sourceFirst = Options.Symmetric && coin is not null && coin.Next(2) == 1;
        Proposal proposal = _network.Propose(
            batch.Instructions, batch.Source, batch.Base, Options.PaddedSelfPositions ? batch.LeftPadding : null, sourceFirst);
        return new Patch(proposal.Weights, _network.Subspace.Prepare(proposal.Concept)) { Concept = proposal.Concept };
    }

    /// <summary>The reflection vectors that rotate the shared basis for each example.</summary>
    /// <param name="batch">The examples.</param>
    /// <returns><c>[batch, d, r]</c>, columns of norm 1, in the caller's dispose scope; null when the subspace doesn't use
    /// reflections.</returns>
    public Tensor? ReflectionVectors(InterchangeBatch batch)
    {
        if (_network.Subspace is not HouseholderSubspace subspace)
        {
            return null;
        }
        using DisposeScope scope = NewDisposeScope();
        Tensor? padding = Options.PaddedSelfPositions ? batch.LeftPadding : null;
        return subspace.Vectors(_network.Propose(batch.Instructions, batch.Source, batch.Base, padding).Concept).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _network.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>
    /// Size of the largest parameter that depends on the options rather than on the target: the minimum that a stored interpreter must
    /// contain.
    /// </summary>
    /// <param name="options">Its parts.</param>
    /// <param name="target">The target model.</param>
    internal static double LargestPart(HypernetworkOptions options, LanguageModel target)
    {
        double inner = options.SubspaceInner ?? target.Config.InnerWidth, width = target.HiddenSize;
        double made = options.SubspaceSpan is { } span and > 0 ? span : width;
        return Math.Max(width * Math.Max(options.AdapterRank ?? 0, options.HypernetworkWidth ?? 0), options.Subspace switch
        {
            SubspaceKind.Householder => inner * made * Math.Max(1, options.Reflections),
            SubspaceKind.Generated => inner * made * Math.Max(1, options.FeatureDimension),
            SubspaceKind.Mask => inner * Math.Max(width, options.FeatureDimension),
            _ => 0,
        });
    }

    /// <summary>Options that are limited by a target model.</summary>
    /// <param name="options">Its parts.</param>
    /// <param name="target">The model's shape.</param>
    internal static IEnumerable<ModelLimit> Limits(HypernetworkOptions options, ModelConfig target) =>
    [
        new(nameof(options.Blocks), options.Blocks, target.BlockCount, "the target's number of blocks"),
        new(nameof(options.FeatureDimension), options.FeatureDimension, target.HiddenSize, "the target's hidden width"),
        new(nameof(options.Reflections), options.Reflections, target.HiddenSize, "the target's hidden width"),
        .. options.SubspaceSpan is { } span and > 0
            ? (ModelLimit[])[new(nameof(options.SubspaceSpan), span, target.HiddenSize, "the target's hidden width")]
            : [],
    ];

    /// <summary>Throws for options that don't fit a target model, before anything is allocated.</summary>
    /// <param name="target">The target model.</param>
    /// <param name="options">Parts of the interpreter.</param>
    /// <exception cref="HyperDasException"><c>LayerInvalid</c>, <c>OptionInvalid</c>, <c>MemoryInsufficient</c>.</exception>
    internal static void Validate(LanguageModel target, HypernetworkOptions options)
    {
        ThrowIfNoLayer(target, options.Layer);
        OptionLaw.ThrowIfBroken(options);
        ModelLimit.ThrowIfExceeded(Limits(options, target.Config));
        RequireCompact(target, options);
        HypernetworkSize size = HypernetworkSize.Of(HypernetworkShape.Of(target.Config, options), options);
        MemoryCheck.Require(
            size.Total * sizeof(float),
            $"This hypernetwork (embedding {size.Embedding / 1e6:N0}, blocks {size.Blocks / 1e6:N0}, subspace {size.Subspace / 1e6:N0} million numbers)",
            options, CompactDefaults.Price(target.Config, options, new TrainingOptions()));
    }

    // A hypernetwork is compact with adapters on the target's own blocks, or with blocks of their own width.
    private static void RequireCompact(LanguageModel target, HypernetworkOptions options)
    {
        int width = target.HiddenSize, head = target.Config.HeadWidth;
        if (options.AdapterRank is { } rank)
        {
            Require(rank <= width, nameof(options.AdapterRank), rank, $"0, for none, to {width}, the target's hidden width");
        }
        if (options.AdapterRank is > 0)
        {
            int asked = options.AdapterRank.Value;
            string? obstacle = StartingWeights.Obstacle(target.Config, options.Blocks);
            Require(
                obstacle is null, nameof(options.AdapterRank), asked,
                $"0 or omitted for {target.Architecture}, whose blocks can't be a hypernetwork's because of {obstacle}; use HypernetworkWidth for a small hypernetwork");
            int near = Enumerable.Range(0, target.BlockCount).Count(block => target.Places[block] == 0);
            Require(
                options.Blocks <= near, nameof(options.Blocks), options.Blocks,
                $"1 to {near} with AdapterRank: the target's first device, which also holds the hypernetwork, has that many blocks");
        }
        if (options.HypernetworkWidth is { } own)
        {
            Require(
                own >= head && own <= width && own % head == 0, nameof(options.HypernetworkWidth), own,
                $"a multiple of {head}, the width of the target's heads, from {head} to {width / head * head}");
        }
    }

    private static void Require(bool holds, string name, int value, string right)
    {
        if (!holds)
        {
            throw new HyperDasException(
                "OptionInvalid", HyperDasErrorKind.InvalidArgument, $"{name} is {value}; it must be {right}.", value);
        }
    }
}
