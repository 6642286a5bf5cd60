using HyperDas.Engine.LanguageModels.Layers;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Numerics.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <content>How hidden states come from token ids, go through blocks, and become logits.</content>
public sealed partial class LanguageModel
{
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

    private DecoderBlock Block(int index) => new(Config, Config.BlockAt(index), Blocks[index].Tensors);

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
