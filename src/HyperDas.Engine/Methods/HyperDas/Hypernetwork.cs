using HyperDas.Engine.Interventions;
using HyperDas.Engine.LanguageModels.Layers;
using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.HyperDas;

/// <summary>What a hypernetwork proposes for a batch.</summary>
/// <param name="Concept">e, <c>[batch, d]</c>.</param>
/// <param name="Weights">Soft selection weights, <c>[batch, source + 1, base]</c>.</param>
public readonly record struct Proposal(Tensor Concept, Tensor Weights);

/// <summary>
/// The hypernetwork of HyperDAS (spec/hyperdas section 2): reads the instruction and the visible hidden states of both prompts, and
/// proposes selection weights and the concept vector from which the subspace is made.
/// </summary>
public sealed class Hypernetwork : IDisposable
{
    private readonly HypernetworkShape _shape;
    private readonly HypernetworkOptions _options;
    private readonly TrainableTensor _embedding, _norm;
    private readonly HypernetworkBlock[] _blocks;
    private readonly PromptProjection? _sourceProjection, _baseProjection;
    private readonly SelectionHead _head;
    private readonly Tensor _inverseFrequencies;

    /// <summary>Builds the network with its starting values.</summary>
    /// <param name="store">Where all trainable state goes; seal it afterwards.</param>
    /// <param name="shape">Widths.</param>
    /// <param name="options">What it consists of.</param>
    /// <param name="start">What it starts from.</param>
    /// <param name="generator">Source of random starts.</param>
    internal Hypernetwork(
        ParameterStore store, HypernetworkShape shape, HypernetworkOptions options, StartingWeights start, Generator generator)
    {
        _shape = shape;
        _options = options;
        _embedding = store.Add("hypernetwork.model.embed_tokens.weight", ParameterGroup.Main, start.Embedding());
        _blocks = [.. Enumerable.Range(0, options.Blocks).Select(m => new HypernetworkBlock(store, shape, m, options, start))];
        _sourceProjection = options.AblateSourceAttention ? null : new PromptProjection(store, shape, options.Blocks, "source_cross_attn", start);
        _baseProjection = options.AblateBaseAttention ? null : new PromptProjection(store, shape, options.Blocks, "base_cross_attn", start);
        _norm = store.Add("hypernetwork.model.norm.weight", ParameterGroup.Main, start.FinalNorm());
        _head = new SelectionHead(store, shape, options.Selection, options.EndBias, generator);
        Subspace = CreateSubspace(store, shape, options, generator);
        _inverseFrequencies = tensor(RotaryEmbedding.InverseFrequencies(shape.HeadWidth, shape.Theta, shape.Scaling), device: store.Device)
            .DetachFromDisposeScope();
    }

    /// <summary>The subspace module.</summary>
    public Subspace Subspace { get; }

    /// <summary>Proposes where to patch.</summary>
    /// <param name="instructions">The concepts.</param>
    /// <param name="source">Visible hidden states of the source prompts.</param>
    /// <param name="base">Visible hidden states of the base prompts.</param>
    /// <param name="selfOffset">Left padding of each base prompt, <c>[batch]</c>, when positions follow the original; else null.</param>
    /// <param name="sourceFirst">Coin of the symmetric variant.</param>
    /// <returns>Concept vectors and soft weights, in the caller's dispose scope.</returns>
    public Proposal Propose(InstructionBatch instructions, TokenStack source, TokenStack @base, Tensor? selfOffset = null, bool sourceFirst = false)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor concept = Encode(instructions, source, @base);
        Tensor weights = _head.Forward(
            concept, instructions.Lengths, source, @base, _options.Layer, selfOffset, _inverseFrequencies, sourceFirst);
        return new Proposal(concept.MoveToOuterDisposeScope(), weights.MoveToOuterDisposeScope());
    }

    /// <summary>Releases what isn't in the parameter store.</summary>
    public void Dispose() => _inverseFrequencies.Dispose();

    private Tensor Encode(InstructionBatch instructions, TokenStack source, TokenStack @base)
    {
        using DisposeScope scope = NewDisposeScope();
        long batch = instructions.Ids.shape[0], length = instructions.Ids.shape[1];
        Device device = instructions.Ids.device;
        Tensor x = _embedding.Value.index_select(0, instructions.Ids.view(-1)).view(batch, length, _shape.Hidden);
        RotaryTable rotary = RotaryEmbedding.Table(arange(1, length + 1, ScalarType.Int64, device), _inverseFrequencies, ScalarType.Float32);
        bool bidirectional = _options.BidirectionalUnpaddedInstructions && !instructions.AnyPadded;
        Tensor? mask = bidirectional
            ? null
            : full([length, length], PromptProjection.HiddenScore, ScalarType.Float32, device).triu(1).view(1, 1, length, length);
        KeysAndValues[]? sourceKeys = _sourceProjection?.Project(source, _inverseFrequencies);
        KeysAndValues[]? baseKeys = _baseProjection?.Project(@base, _inverseFrequencies);
        Tensor last = instructions.Lengths - 1;
        for (int m = 0; m < _blocks.Length; m++)
        {
            x = _blocks[m].Forward(x, rotary, mask, sourceKeys?[m], baseKeys?[m], m == _blocks.Length - 1 ? last : null);
        }
        return RmsNorm.Apply(x.squeeze(1), _norm, _shape.Epsilon).MoveToOuterDisposeScope();
    }

    private static Subspace CreateSubspace(ParameterStore store, HypernetworkShape shape, HypernetworkOptions o, Generator generator)
    {
        int inner = o.SubspaceInner ?? shape.Inner;
        return o.Subspace switch
        {
            SubspaceKind.None => new WholeSpace(),
            SubspaceKind.Householder => new HouseholderSubspace(store, shape.Hidden, o.FeatureDimension, o.Reflections, inner, generator),
            SubspaceKind.Generated => new GeneratedSubspace(store, shape.Hidden, o.FeatureDimension, inner, generator),
            SubspaceKind.LowRank => new LowRankSubspace(store, shape.Hidden, o.FeatureDimension, generator),
            SubspaceKind.Mask => new MaskSubspace(store, shape.Hidden, o.FeatureDimension, inner, generator),
            SubspaceKind.Boundless => new BoundlessSubspace(store, shape.Hidden, generator),
            _ => throw new ArgumentOutOfRangeException(nameof(o), o.Subspace, "Unknown subspace."),
        };
    }
}
