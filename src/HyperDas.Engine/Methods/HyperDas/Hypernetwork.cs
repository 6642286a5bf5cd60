using HyperDas.Engine.Interventions;
using HyperDas.Engine.LanguageModels.Layers;
using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.HyperDas;

/// <summary>A hypernetwork's proposal for a batch.</summary>
/// <param name="Concept">e, <c>[batch, d]</c>.</param>
/// <param name="Weights">Soft selection weights, <c>[batch, source + 1, base]</c>.</param>
public readonly record struct Proposal(Tensor Concept, Tensor Weights);

/// <summary>
/// The hypernetwork of HyperDAS (docs/methods.md#the-hypernetwork): reads the instruction and the visible hidden states of both prompts,
/// and proposes selection weights and the concept vector that determines the subspace.
/// </summary>
public sealed class Hypernetwork : IDisposable
{
    private readonly HypernetworkShape _shape;
    private readonly HypernetworkOptions _options;
    private readonly StartingWeights _start;
    private readonly TrainableTensor? _embedding, _fromEmbeddings, _fromStates, _toConcept;
    private readonly TrainableTensor _norm;
    private readonly HypernetworkBlock[] _blocks;
    private readonly PromptProjection? _sourceProjection, _baseProjection;
    private readonly SelectionHead _head;
    private readonly Tensor _inverseFrequencies;

    /// <summary>Creates the network with its initial values.</summary>
    /// <param name="store">Store of all trainable state; to be sealed afterwards.</param>
    /// <param name="shape">Widths.</param>
    /// <param name="options">Its parts.</param>
    /// <param name="start">Initial values.</param>
    /// <param name="generator">Source of random initial values.</param>
    internal Hypernetwork(
        ParameterStore store, HypernetworkShape shape, HypernetworkOptions options, StartingWeights start, Generator generator)
    {
        _shape = shape;
        _options = options;
        _start = start;
        ProjectionBuilder layers = new(store, options.AdapterRank ?? 0, start, generator);
        if (options.HypernetworkWidth is not null)
        {
            // They preserve the mean norm: the inputs are unit vectors.
            double deviation = 1 / Math.Sqrt(shape.Hidden);
            _fromEmbeddings = store.Add("hypernetwork.embedding_proj.weight", ParameterGroup.Main,
                Initialise.Normal(shape.Hidden, shape.TargetHidden, deviation, generator));
            _fromStates = store.Add("hypernetwork.state_proj.weight", ParameterGroup.Main,
                Initialise.Normal(shape.Hidden, shape.TargetHidden, deviation, generator));
            _toConcept = store.Add(
                "hypernetwork.concept_proj.weight", ParameterGroup.Main, Initialise.Linear(shape.TargetHidden, shape.Hidden, generator));
        }
        else if (!layers.Adapts)
        {
            _embedding = store.Add("hypernetwork.model.embed_tokens.weight", ParameterGroup.Main, start.Embedding());
        }
        _blocks = [.. Enumerable.Range(0, options.Blocks).Select(m => new HypernetworkBlock(store, shape, m, options, start, layers))];
        _sourceProjection = options.AblateSourceAttention
            ? null
            : new PromptProjection(store, shape, options.Blocks, "source_cross_attn", start, layers);
        _baseProjection = options.AblateBaseAttention
            ? null
            : new PromptProjection(store, shape, options.Blocks, "base_cross_attn", start, layers);
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
    /// <param name="selfOffset">Left padding of each base prompt, <c>[batch]</c>, when positions follow the original; otherwise
    /// null.</param>
    /// <param name="sourceFirst">Coin of the symmetric variant.</param>
    /// <returns>Concept vectors and soft weights, in the caller's dispose scope.</returns>
    public Proposal Propose(
        InstructionBatch instructions, TokenStack source, TokenStack @base, Tensor? selfOffset = null, bool sourceFirst = false)
    {
        using DisposeScope scope = NewDisposeScope();
        (source, @base) = (Narrowed(source), Narrowed(@base));
        Tensor concept = Encode(instructions, source, @base);
        Tensor weights = _head.Forward(
            concept, instructions.Lengths, source, @base, _options.Layer, selfOffset, _inverseFrequencies, sourceFirst);
        concept = _toConcept is null ? concept : nn.functional.linear(concept, _toConcept);
        return new Proposal(concept.MoveToOuterDisposeScope(), weights.MoveToOuterDisposeScope());
    }

    /// <summary>Releases tensors outside the parameter store.</summary>
    public void Dispose() => _inverseFrequencies.Dispose();

    private Tensor Encode(InstructionBatch instructions, TokenStack source, TokenStack @base)
    {
        using DisposeScope scope = NewDisposeScope();
        long batch = instructions.Ids.shape[0], length = instructions.Ids.shape[1];
        Device device = instructions.Ids.device;
        Tensor x = Embedded(instructions.Ids.view(-1)).view(batch, length, _shape.Hidden);
        RotaryTable rotary = RotaryEmbedding.Table(
            arange(1, length + 1, ScalarType.Int64, device), _inverseFrequencies, ScalarType.Float32);
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

    private Tensor Embedded(Tensor ids)
    {
        if (_embedding is not null)
        {
            return _embedding.Value.index_select(0, ids);
        }
        Tensor own = _start.Embedded(ids);
        return _fromEmbeddings is null ? own : nn.functional.linear(own, _fromEmbeddings);
    }

    // Hidden states in the hypernetwork's own width.
    private TokenStack Narrowed(TokenStack stack) => _fromStates is null ? stack : stack with
    {
        Unit = nn.functional.linear(stack.Unit, _fromStates)
    };

    private static Subspace CreateSubspace(ParameterStore store, HypernetworkShape shape, HypernetworkOptions o, Generator generator)
    {
        int inner = o.SubspaceInner ?? shape.TargetInner, width = shape.TargetHidden, span = o.SubspaceSpan ?? 0;
        return o.Subspace switch
        {
            SubspaceKind.None => new WholeSpace(),
            SubspaceKind.Householder => new HouseholderSubspace(store, width, o.FeatureDimension, o.Reflections, inner, span, generator),
            SubspaceKind.Generated => new GeneratedSubspace(store, width, o.FeatureDimension, inner, span, generator),
            SubspaceKind.LowRank => new LowRankSubspace(store, width, o.FeatureDimension, generator),
            SubspaceKind.Mask => new MaskSubspace(store, width, o.FeatureDimension, inner, generator),
            SubspaceKind.Boundless => new BoundlessSubspace(store, width, generator),
            _ => throw new ArgumentOutOfRangeException(nameof(o), o.Subspace, "Unknown subspace."),
        };
    }
}
