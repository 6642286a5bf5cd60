using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels.ActivationFiles;
using HyperDas.Engine.LanguageModels.Layers;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Numerics.Kernels;
using HyperDas.Engine.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <summary>
/// The frozen target model: a decoder whose residual stream can be read and continued at any block. Hidden states are counted as
/// Hugging Face does: 0 = embeddings, i = output of block i (docs/methods.md#hidden-states-and-layers).
/// </summary>
public sealed partial class LanguageModel : ModelHandle
{
    private readonly DecoderWeights _weights;
    private readonly RotaryTables? _rotary, _localRotary;
    private readonly Tensor? _embeddingScale;
    private readonly Lazy<Tokenizer> _tokenizer;
    private readonly ScalarType _dtype;
    private readonly Device _device;

    private LanguageModel(
        ModelConfig config, string path, DecoderWeights weights, NumberFormat format, string fingerprint, Tokenizer? tokenizer = null)
    {
        Config = config;
        Path = path;
        _weights = weights;
        Format = format;
        _dtype = NumberFormat.ToScalarType(format.Computed);
        _device = weights.Embedding.device;
        int rotated = config.RotaryWidth ?? config.HeadWidth;
        _rotary = config.AnyBlock(b => b.Rotary == RotaryUse.Main)
            ? new RotaryTables(rotated, config.RopeTheta, config.RopeScaling, _device)
            : null;
        _localRotary = config.AnyBlock(b => b.Rotary == RotaryUse.Local)
            ? new RotaryTables(rotated, config.LocalRopeTheta, null, _device)
            : null;
        // In the weights' number format, as the families do it.
        _embeddingScale = config.EmbeddingScale == 1
            ? null
            : tensor((float)config.EmbeddingScale, _dtype, _device).DetachFromDisposeScope();
        ParameterCount = WeightShapes.Count(config);
        Fingerprint = fingerprint;
        // Not kept when it fails, so that a tokenizer that is put into the folder later is found.
        _tokenizer = tokenizer is null
            ? new Lazy<Tokenizer>(() => Tokenizer.Load(Path), LazyThreadSafetyMode.PublicationOnly)
            : new Lazy<Tokenizer>(tokenizer);
    }

    /// <summary>The model's shape.</summary>
    public ModelConfig Config { get; }

    /// <summary>The tokenizer beside the weights, read when it is first asked for: a model runs without one.</summary>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>, <c>TokenizerCorrupt</c>, <c>TokenizerUnsupported</c>.</exception>
    public Tokenizer Tokenizer => _tokenizer.Value;

    /// <inheritdoc/>
    public override string Name => HubFolder.NameOf(Path) + (Adapter is null
        ? ""
        : $"+{(Adapter == System.IO.Path.TrimEndingDirectorySeparator(Path) ? "adapter" : HubFolder.NameOf(Adapter))}");

    /// <inheritdoc/>
    public override string Path { get; }

    /// <inheritdoc/>
    public override string Architecture => Config.Family;

    /// <inheritdoc/>
    public override long ParameterCount { get; }

    /// <inheritdoc/>
    public override int HiddenSize => Config.HiddenSize;

    /// <inheritdoc/>
    public override int BlockCount => Config.BlockCount;

    /// <inheritdoc/>
    public override int VocabularySize => Config.VocabularySize;

    /// <inheritdoc/>
    public override ModelDtype Dtype => Format.Held;

    /// <inheritdoc/>
    public override ModelDtype ComputeDtype => Format.Computed;

    /// <summary>What the weights are held in, what is computed in, and why.</summary>
    public NumberFormat Format { get; }

    /// <inheritdoc/>
    public override string Device => Places.Name;

    /// <inheritdoc/>
    public override string Fingerprint { get; }

    /// <summary>
    /// Tensors of the checkpoint that nothing reads, buffers aside: a sign that the files hold another model than their configuration says.
    /// </summary>
    public IReadOnlyList<string> Unread { get; private init; } = [];

    /// <summary>Absolute folder of the LoRA adapter whose changes are in the weights; null for the model as it was published.</summary>
    public string? Adapter { get; private init; }

    /// <summary>Whether prompts are wrapped in the model's chat template (<see cref="Tokenizer.Chat"/>).</summary>
    public bool IsWrapping { get; private init; }

    private string? AdapterRemark { get; init; }

    /// <summary>What whoever loads the model should know of its files, in sentences.</summary>
    public IReadOnlyList<string> Remarks => [.. Config.Remarks, .. ((string?[])[AdapterRemark, HeadRemark, UnreadRemark]).OfType<string>()];

    /// <summary>
    /// Files that its hidden states are kept in between trainings, scorings and processes; null for memory alone. See
    /// <see cref="KeepActivations"/>.
    /// </summary>
    public ActivationFolder? ActivationFiles { get; private set; }

    /// <summary>Element type of hidden states and products. Weights may be held in another one.</summary>
    public ScalarType ScalarType => _dtype;

    /// <summary>
    /// Where hidden states, embeddings and head live, and where results are; with several devices the first one.
    /// </summary>
    public Device TorchDevice => _device;

    /// <summary>Where each block lives.</summary>
    internal BlockPlaces Places => _weights.Places;

    /// <summary>How often hidden states were handed from one device to another so far.</summary>
    internal long HandOvers { get; private set; }

    /// <summary>The blocks' weights in order.</summary>
    public IReadOnlyList<DecoderBlockWeights> Blocks => _weights.Blocks;

    /// <summary>Token embeddings, <c>[vocabulary, hidden]</c>.</summary>
    public Tensor EmbeddingWeight => _weights.Embedding;

    /// <summary>
    /// Every weight under the name that it has in the files, with its role where a stored tensor holds more than
    /// one; they belong to the model.
    /// </summary>
    public IEnumerable<KeyValuePair<string, Tensor>> NamedWeights => _weights.Named();

    /// <summary>A weight by its role.</summary>
    /// <param name="role">The role.</param>
    /// <param name="block">0-based index of the block; -1 outside of blocks.</param>
    /// <returns>It belongs to the model; null where the family has none.</returns>
    public Tensor? Weight(WeightRole role, int block = -1) => _weights.Find(role, block);

    /// <summary>
    /// hidden_states[0], what enters the first block: the embeddings of token ids, scaled and with positions where the family does that.
    /// </summary>
    /// <param name="ids"><c>[batch, tokens]</c>, int64.</param>
    /// <param name="context">Made by <see cref="CreateContext"/> for these tokens.</param>
    /// <returns><c>[batch, tokens, hidden]</c>.</returns>
    /// <exception cref="HyperDasException"><c>ModelDisposed</c>; <c>TokenIdInvalid</c>; <c>PromptTooLong</c>: a position that the model
    /// has no vector for.</exception>
    public Tensor Embed(Tensor ids, BlockContext context)
    {
        ThrowIfDisposed();
        using DisposeScope scope = NewDisposeScope();
        Tensor flat = ids.to(_device).reshape(-1);
        ThrowIfOutsideVocabulary(flat);
        Tensor embedded = _weights.Embedding.index_select(0, flat).to_type(_dtype).view(ids.shape[0], ids.shape[1], HiddenSize);
        if (_embeddingScale is not null)
        {
            embedded = embedded * _embeddingScale;
        }
        if (_weights.Positions is { } table)
        {
            embedded = embedded + table.index_select(0,
                context.Positions!.reshape(-1)).to_type(_dtype).view(context.Positions.shape[0], -1, HiddenSize);
        }
        return embedded.MoveToOuterDisposeScope();
    }

    /// <summary>Builds what all blocks of one pass share.</summary>
    /// <param name="mask"><c>[batch, columns]</c>, 1 = real token, 0 = padding on either side; the columns are the cached ones
    /// followed by the new ones.</param>
    /// <param name="positions"><c>[batch, new]</c>, or null: 0, 1, 2, … on real tokens.</param>
    /// <param name="cache">The cache that the pass will extend, or null.</param>
    /// <param name="visible">Further restriction, bool <c>[batch, new, columns]</c>: which columns a query may
    /// see; null: all before it.</param>
    /// <returns>The context; a padding query sees itself, so that nothing is undefined.</returns>
    /// <exception cref="HyperDasException"><c>ModelDisposed</c>; <c>PromptTooLong</c>: a position that the model
    /// has no vector for.</exception>
    public BlockContext CreateContext(Tensor mask, Tensor? positions = null, KeyValueCache? cache = null, Tensor? visible = null)
    {
        ThrowIfDisposed();
        using DisposeScope scope = NewDisposeScope();
        long past = cache?.Length ?? 0, columns = mask.shape[1], fresh = columns - past;
        Tensor real = mask.to(_device).to_type(ScalarType.Bool);
        positions ??= (real.to_type(ScalarType.Int64).cumsum(1) - 1).clamp_(min: 0).narrow(1, past, fresh);
        positions = positions.to(_device);
        if (Config.LearnedPositions)
        {
            ThrowIfOutsidePositions(positions);
        }
        Tensor seen = Visible(real, past, fresh, columns, visible);
        return BlockContext.Create(
            _rotary?.Of(positions, _dtype), _localRotary?.Of(positions, _dtype), Config.LearnedPositions ? positions.alias() : null, seen,
            Windows(seen, real, past, fresh), _dtype, Config.HeadCount / Config.KeyValueHeadCount,
            Config.AnyBlock(b => b.ScoreCap is not null)).CopyTo(Places.Others).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Runs blocks <paramref name="from"/> (0-based) to <paramref name="to"/> - 1: hidden_states[from] becomes the output of block number
    /// <paramref name="to"/>. Differentiable with respect to <paramref name="hidden"/>.
    /// </summary>
    /// <param name="hidden"><c>[batch, new, hidden]</c>.</param>
    /// <param name="from">Index of the first block.</param>
    /// <param name="to">Index after the last block.</param>
    /// <param name="context">Made by <see cref="CreateContext"/> for the same mask.</param>
    /// <param name="cache">Extended by the new columns; null without one.</param>
    /// <param name="recompute">Whether backward passes run each block again, so that only its input is kept for
    /// them; without a cache only.</param>
    /// <returns><c>[batch, new, hidden]</c>, before the final normalisation. The input itself when there is no block to run.</returns>
    /// <exception cref="HyperDasException"><c>ModelDisposed</c>; <c>LayerInvalid</c>.</exception>
    public Tensor RunBlocks(Tensor hidden, int from, int to, BlockContext context, KeyValueCache? cache = null, bool recompute = false)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor state = RunThrough(hidden, from, to, context, cache, recompute);
        return ReferenceEquals(state, hidden) ? hidden : HandOver(state, Places[to - 1], 0).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Runs all blocks from <paramref name="from"/> (0-based) on when only some columns of the result are wanted: the last block, of which
    /// no other column is read, is computed for them alone. Differentiable with respect to <paramref name="hidden"/>.
    /// </summary>
    /// <param name="hidden"><c>[batch, tokens, hidden]</c>.</param>
    /// <param name="from">Index of the first block; the number of blocks when there is none to run.</param>
    /// <param name="context">Made by <see cref="CreateContext"/> for the same mask, without a cache.</param>
    /// <param name="columns">Which columns of each row, <c>[batch, count]</c>, int64; a column may be named twice.</param>
    /// <param name="fixedColumns">
    /// How many columns at the beginning need no gradient, because nothing that is learned changes them; at most up to the first column
    /// that does. They may get some all the same where that saves nothing, and do with <paramref name="recompute"/>.
    /// </param>
    /// <param name="recompute">Whether backward passes run each block but the last again, so that only its input is kept for them.</param>
    /// <returns>Those columns of what <see cref="RunBlocks"/> gives, <c>[batch, count, hidden]</c>.</returns>
    /// <exception cref="HyperDasException"><c>ModelDisposed</c>; <c>LayerInvalid</c>.</exception>
    public Tensor RunBlocksAt(Tensor hidden, int from, BlockContext context, Tensor columns, long fixedColumns = 0, bool recompute = false)
    {
        using DisposeScope scope = NewDisposeScope();
        int last = Math.Max(from, BlockCount - 1);
        Tensor state = !recompute && from < last && hidden.requires_grad && fixedColumns > 0 && fixedColumns < hidden.shape[1]
            ? RunBlocksBehind(hidden, from, last, context, fixedColumns)
            : RunThrough(hidden, from, last, context, null, recompute);
        if (from == BlockCount)
        {
            return DecoderBlock.Pick(state, columns).MoveToOuterDisposeScope();
        }
        int place = Places[BlockCount - 1];
        state = HandOver(state, last == from ? 0 : Places[last - 1], place);
        Tensor top = Block(BlockCount - 1).RunAt(state, context.On(place), columns.to(Places.Devices[place]));
        return HandOver(top, place, 0).MoveToOuterDisposeScope();
    }

    // Blocks one after the other; the result stays where the last of them lives, and in the current scope.
    private Tensor RunThrough(Tensor hidden, int from, int to, BlockContext context, KeyValueCache? cache, bool recompute)
    {
        ThrowIfDisposed();
        if (from < 0 || to > BlockCount || from > to)
        {
            throw new HyperDasException(
                "LayerInvalid",
                HyperDasErrorKind.InvalidArgument,
                $"Blocks {from} to {to} were asked for; '{Name}' has the intervention layers 0 to {BlockCount}.",
                to);
        }
        Tensor state = hidden;
        int place = 0;
        for (int i = from; i < to; i++)
        {
            int block = i;
            Replace(HandOver(state, place, Places[i]));
            place = Places[i];
            BlockContext own = context.On(place);
            Replace(recompute && cache is null
                ? Recomputation.Apply(state, x => Block(block).Run(x, own, null))
                : Block(i).Run(state, own, cache is null ? null : (k, v) => cache.Append(block, k, v)));
        }
        return state;

        void Replace(Tensor next)
        {
            if (!ReferenceEquals(next, state) && !state.requires_grad && !ReferenceEquals(state, hidden))
            {
                state.Dispose();
            }
            state = next;
        }
    }

    // The one place where hidden states change device. They are copied even where two places are on the same one, so that a machine
    // without cards does what one with several does.
    private Tensor HandOver(Tensor state, int from, int to)
    {
        if (from == to)
        {
            return state;
        }
        HandOvers++;
        return state.to(Places.Devices[to], copy: true);
    }

    // Each block twice: for the fixed columns without a graph, then for the others, which see the keys and values of the fixed ones. The
    // result stays where the last block lives.
    private Tensor RunBlocksBehind(Tensor hidden, int from, int to, BlockContext context, long fixedColumns)
    {
        ThrowIfDisposed();
        using DisposeScope scope = NewDisposeScope();
        long tokens = hidden.shape[1];
        BlockContext first = context.Slice(0, fixedColumns), second = context.Slice(fixedColumns, tokens - fixedColumns);
        Tensor before = hidden.narrow(1, 0, fixedColumns).detach(), state = hidden.narrow(1, fixedColumns, tokens - fixedColumns);
        int place = 0;
        for (int i = from; i < to; i++)
        {
            (before, state, place) = (HandOver(before, place, Places[i]), HandOver(state, place, Places[i]), Places[i]);
            Tensor? keys = null, values = null;
            using (no_grad())
            {
                before = Block(i).Run(
                    before, first.On(place), (k, v) => (keys = k.DetachFromDisposeScope(), values = v.DetachFromDisposeScope()));
            }
            using (keys)
            using (values)
            {
                state = Block(i).Run(state, second.On(place), (k, v) => (cat([keys!, k], 2), cat([values!, v], 2)));
            }
        }
        return cat([before, state], 1).MoveToOuterDisposeScope();
    }

    /// <summary>One hidden state of a whole run, before any final normalisation.</summary>
    /// <param name="ids"><c>[batch, tokens]</c>, int64.</param>
    /// <param name="mask"><c>[batch, tokens]</c>, 1 = real token.</param>
    /// <param name="layer">Index of the hidden state: 0, what enters the first block, to the number of blocks.</param>
    /// <returns><c>[batch, tokens, hidden]</c>.</returns>
    /// <exception cref="HyperDasException"><c>ModelDisposed</c>; <c>LayerInvalid</c>; <c>TokenIdInvalid</c>;
    /// <c>PromptTooLong</c>.</exception>
    public Tensor StateAt(Tensor ids, Tensor mask, int layer)
    {
        using DisposeScope scope = NewDisposeScope();
        BlockContext context = CreateContext(mask);
        return RunBlocks(Embed(ids, context), 0, layer, context).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The hidden states as Hugging Face lists them: embeddings, then the output of each block, the last one after the final normalisation.
    /// </summary>
    /// <param name="ids"><c>[batch, tokens]</c>, int64.</param>
    /// <param name="mask"><c>[batch, tokens]</c>, 1 = real token.</param>
    /// <param name="upTo">Index of the last hidden state wanted; null: all, i.e. the number of blocks.</param>
    /// <returns><paramref name="upTo"/> + 1 tensors <c>[batch, tokens, hidden]</c>.</returns>
    /// <exception cref="HyperDasException"><c>ModelDisposed</c>; <c>LayerInvalid</c>; <c>TokenIdInvalid</c>.</exception>
    public IReadOnlyList<Tensor> HiddenStates(Tensor ids, Tensor mask, int? upTo = null)
    {
        using DisposeScope scope = NewDisposeScope();
        BlockContext context = CreateContext(mask);
        int last = upTo ?? BlockCount;
        List<Tensor> states = [Embed(ids, context)];
        for (int layer = 0; layer < last; layer++)
        {
            states.Add(RunBlocks(states[^1], layer, layer + 1, context));
        }
        if (last == BlockCount)
        {
            states[^1] = FinalNorm(states[^1]);
        }
        foreach (Tensor state in states)
        {
            state.MoveToOuterDisposeScope();
        }
        return states;
    }

    /// <summary>The normalisation before the output head.</summary>
    /// <param name="hidden"><c>[..., hidden]</c>.</param>
    /// <returns><c>[..., hidden]</c>.</returns>
    /// <exception cref="HyperDasException"><c>ModelDisposed</c>.</exception>
    public Tensor FinalNorm(Tensor hidden)
    {
        ThrowIfDisposed();
        return Norms.Apply(Config.Block.Norm, hidden, _weights.FinalNorm, _weights.FinalNormBias, Config.NormEpsilon);
    }

    /// <summary>
    /// Final normalisation and output head. Select the rows of interest first: the head is often the largest product of all.
    /// </summary>
    /// <param name="hidden">Output of the last block, <c>[..., hidden]</c>.</param>
    /// <returns><c>[..., vocabulary]</c>, float32.</returns>
    /// <exception cref="HyperDasException"><c>ModelDisposed</c>.</exception>
    public Tensor Logits(Tensor hidden)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = Products.Linear(FinalNorm(hidden), _weights.Head);
        logits = Config.LogitDivisor == 1 ? logits : logits / Config.LogitDivisor;
        logits = Config.LogitCap is { } cap ? (logits / cap).tanh() * cap : logits;
        return logits.to_type(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            ActivationFiles?.Dispose();
            _weights.Dispose();
            _rotary?.Dispose();
            _localRotary?.Dispose();
            _embeddingScale?.Dispose();
        }
    }

    /// <summary>
    /// Whether keys that were rotated in a shorter text are no longer right when the text has grown to a length: scalings of the rotary
    /// embedding may depend on it. A cache must then be filled anew.
    /// </summary>
    /// <param name="length">The new length, in tokens; the text was one shorter.</param>
    internal bool ForgetsAt(int length) => _rotary is not null && Config.RopeScaling switch
    {
        DynamicRopeScaling dynamic => length > dynamic.OriginalLength,
        LongRopeScaling stretched => length == stretched.OriginalLength + 1,
        _ => false,
    };

    private string? HeadRemark { get; init; }

    private string? UnreadRemark
    {
        get
        {
            const int Named = 5;
            string names = string.Join(", ", Unread.Take(Named).Select(n => $"'{n}'"));
            string more = Unread.Count > Named ? $" and {Unread.Count - Named} more" : "";
            return Unread.Count == 0 ? null
                : $"Nothing reads the {(Unread.Count == 1 ? "tensor" : "tensors")} {names}{more} of '{Name}': if the model was trained with them, it computes something else here.";
        }
    }

    private DecoderBlock Block(int index) => new(Config, Config.BlockAt(index), Blocks[index].Tensors);

    // [batch, new, columns]: causal, padding hidden. Every token sees itself: a softmax over nothing would be NaN.
    private Tensor Visible(Tensor real, long past, long fresh, long columns, Tensor? restriction)
    {
        Tensor causal = ones([fresh, columns], dtype: ScalarType.Bool, device: _device).tril(past);
        Tensor allowed = causal.logical_and(real.unsqueeze(1));
        if (restriction is not null)
        {
            allowed = allowed.logical_and(restriction.to(_device));
        }
        return allowed.logical_or(causal.triu(past));
    }

    // For each width of window that hides anything: tokens are counted, not columns, since padding may stand between them.
    private Dictionary<int, Tensor> Windows(Tensor seen, Tensor real, long past, long fresh)
    {
        Dictionary<int, Tensor> windows = [];
        int[] widths =
        [
            .. Enumerable.Range(0, BlockCount).Select(i => Config.BlockAt(i).Window).OfType<int>().Distinct()
                .Where(width => width < seen.shape[2])
        ];
        if (widths.Length == 0)
        {
            return windows;
        }
        Tensor count = real.to_type(ScalarType.Int64).cumsum(1);
        Tensor distance = count.narrow(1, past, fresh).unsqueeze(2) - count.unsqueeze(1);
        foreach (int width in widths)
        {
            windows.Add(width, seen.logical_and(distance.lt(width)));
        }
        return windows;
    }

    private void ThrowIfOutsidePositions(Tensor positions)
    {
        long highest = positions.max().item<long>();
        if (highest >= Config.MaxPositions)
        {
            throw new HyperDasException(
                "PromptTooLong", HyperDasErrorKind.InvalidArgument,
                $"A text is {highest + 1} tokens long; '{Name}' has positions for {Config.MaxPositions}.", highest + 1);
        }
    }

    private void ThrowIfOutsideVocabulary(Tensor ids)
    {
        long lowest = ids.min().item<long>(), highest = ids.max().item<long>();
        if (lowest < 0 || highest >= VocabularySize)
        {
            throw new HyperDasException(
                "TokenIdInvalid",
                HyperDasErrorKind.InvalidArgument,
                $"Token id {(lowest < 0 ? lowest : highest)} isn't in the vocabulary of '{Name}', 0 to {VocabularySize - 1}; a tokenizer.json of another model gives such ids.",
                lowest < 0 ? lowest : highest);
        }
    }
}
