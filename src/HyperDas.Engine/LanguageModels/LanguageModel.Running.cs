using HyperDas.Engine.LanguageModels.Layers;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Numerics.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <content>Computation of hidden states from token ids, of blocks, and of logits.</content>
public sealed partial class LanguageModel
{
    /// <summary>
    /// hidden_states[0], the input of the first block: the embeddings of token ids, scaled and with positions if the family requires it.
    /// </summary>
    /// <param name="ids"><c>[batch, tokens]</c>, int64.</param>
    /// <param name="context">Created by <see cref="CreateContext"/> for these tokens.</param>
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

    /// <summary>
    /// Runs blocks <paramref name="from"/> (0-based) to <paramref name="to"/> - 1: hidden_states[from] becomes the output of block number
    /// <paramref name="to"/>. Differentiable with respect to <paramref name="hidden"/>.
    /// </summary>
    /// <param name="hidden"><c>[batch, new, hidden]</c>.</param>
    /// <param name="from">Index of the first block.</param>
    /// <param name="to">Index after the last block.</param>
    /// <param name="context">Created by <see cref="CreateContext"/> for the same mask.</param>
    /// <param name="cache">Extended by the new columns; null for none.</param>
    /// <param name="recompute">Whether backward passes compute each block again, so only its input is stored for them; only without a
    /// cache.</param>
    /// <returns><c>[batch, new, hidden]</c>, before the final normalisation. The input itself if there is no block to run.</returns>
    /// <exception cref="HyperDasException"><c>ModelDisposed</c>; <c>LayerInvalid</c>.</exception>
    public Tensor RunBlocks(Tensor hidden, int from, int to, BlockContext context, KeyValueCache? cache = null, bool recompute = false)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor state = RunThrough(hidden, from, to, context, cache, recompute);
        return ReferenceEquals(state, hidden) ? hidden : HandOver(state, Places[to - 1], 0).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Runs all blocks from <paramref name="from"/> (0-based) on if only some columns of the result are needed: the last block is computed
    /// only for these. Differentiable with respect to <paramref name="hidden"/>.
    /// </summary>
    /// <param name="hidden"><c>[batch, tokens, hidden]</c>.</param>
    /// <param name="from">Index of the first block; the number of blocks if there is none to run.</param>
    /// <param name="context">Created by <see cref="CreateContext"/> for the same mask, without a cache.</param>
    /// <param name="columns">Which columns of each row, <c>[batch, count]</c>, int64; columns may be repeated.</param>
    /// <param name="fixedColumns">Number of initial columns that need no gradient because nothing trainable changes them; at most up to the
    /// first column that does. They may get gradients anyway if that costs nothing, and do with <paramref name="recompute"/>.</param>
    /// <param name="recompute">Whether backward passes compute each block except the last again, so only its input is stored for
    /// them.</param>
    /// <returns>These columns of the result of <see cref="RunBlocks"/>, <c>[batch, count, hidden]</c>.</returns>
    /// <exception cref="HyperDasException"><c>ModelDisposed</c>; <c>LayerInvalid</c>.</exception>
    public Tensor RunBlocksAt(
        Tensor hidden, int from, BlockContext context, Tensor columns, long fixedColumns = 0, bool recompute = false) =>
        RunBlocksAt(hidden, from, context, columns, fixedColumns, recompute, null);

    /// <summary>The same, without computing the padding of texts of different lengths.</summary>
    /// <param name="hidden">As above.</param>
    /// <param name="from">As above.</param>
    /// <param name="context">As above.</param>
    /// <param name="columns">As above, of real tokens.</param>
    /// <param name="fixedColumns">As above.</param>
    /// <param name="recompute">As above.</param>
    /// <param name="packed">From <see cref="BlockContext.Pack"/>; it must live until the backward pass. Null: padding is computed.</param>
    internal Tensor RunBlocksAt(
        Tensor hidden, int from, BlockContext context, Tensor columns, long fixedColumns, bool recompute, BlockContext? packed)
    {
        using DisposeScope scope = NewDisposeScope();
        int last = Math.Max(from, BlockCount - 1);
        if (packed is not null && fixedColumns == 0 && from < last)
        {
            return RunPackedAt(hidden, from, context, columns, recompute, packed).MoveToOuterDisposeScope();
        }
        Tensor state = !recompute && from < last && hidden.requires_grad && fixedColumns > 0 && fixedColumns < hidden.shape[1]
            ? RunBlocksBehind(hidden, from, last, context, fixedColumns)
            : RunThrough(hidden, from, last, context, null, recompute);
        if (from == BlockCount)
        {
            return DecoderBlock.Pick(state, columns).MoveToOuterDisposeScope();
        }
        int place = Places[BlockCount - 1];
        state = HandOver(state, last == from ? 0 : Places[last - 1], place);
        BlockContext top = context.On(place);
        Tensor asked = columns.to(Places.Devices[place]);
        return HandOver(Block(BlockCount - 1).RunAt(state, top, top.At(asked), asked), place, 0).MoveToOuterDisposeScope();
    }

    private Tensor RunPackedAt(Tensor hidden, int from, BlockContext context, Tensor columns, bool recompute, BlockContext packed)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor tokens = hidden.reshape(-1, hidden.shape[2]).index_select(0, packed.PackedRows!).unsqueeze(0);
        Tensor state = RunThrough(tokens, from, BlockCount - 1, packed, null, recompute);
        BlockContext asking = context.At(columns).Of(packed.Packing!);
        return Block(BlockCount - 1).RunAt(state, packed, asking, columns).MoveToOuterDisposeScope();
    }

    // The blocks in order; the result is on the last one's device, and in the current scope.
    private Tensor RunThrough(Tensor hidden, int from, int to, BlockContext context, KeyValueCache? cache, bool recompute)
    {
        ThrowIfDisposed();
        if (from < 0 || to > BlockCount || from > to)
        {
            throw new HyperDasException(
                "LayerInvalid",
                HyperDasErrorKind.InvalidArgument,
                $"Blocks {from} to {to} were requested; '{Name}' has the intervention layers 0 to {BlockCount}.",
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

    // The only place where hidden states change device. They are copied even if both devices are the same: a machine without cards
    // then does the same as one with several.
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
    // result is on the last block's device.
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
    /// <param name="layer">Index of the hidden state: 0, the input of the first block, to the number of blocks.</param>
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
    /// The hidden states as in Hugging Face: embeddings, then the output of each block, the last one after the final normalisation.
    /// </summary>
    /// <param name="ids"><c>[batch, tokens]</c>, int64.</param>
    /// <param name="mask"><c>[batch, tokens]</c>, 1 = real token.</param>
    /// <param name="upTo">Index of the last hidden state to compute; null for all, i.e. the number of blocks.</param>
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

    /// <summary>Final normalisation and output head. Select the required rows first: the head is often the largest product.</summary>
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

    private DecoderBlock Block(int index) => new(Config, Config.BlockAt(index), Blocks[index].Tensors);

    private void ThrowIfOutsideVocabulary(Tensor ids)
    {
        long lowest = ids.min().item<long>(), highest = ids.max().item<long>();
        if (lowest < 0 || highest >= VocabularySize)
        {
            throw new HyperDasException(
                "TokenIdInvalid",
                HyperDasErrorKind.InvalidArgument,
                $"Token id {(lowest < 0 ? lowest : highest)} isn't in the vocabulary of '{Name}', 0 to {VocabularySize - 1}; the tokenizer.json may belong to another model.",
                lowest < 0 ? lowest : highest);
        }
    }
}
