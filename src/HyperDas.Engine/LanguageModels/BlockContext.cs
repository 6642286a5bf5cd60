using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <summary>
/// What all blocks of one pass share: positions, rotary tables and the additive attention masks, one for each width of window. Built once
/// per pass; its tensors belong to the dispose scope in which it was made, unless <see cref="DetachFromDisposeScope"/> is called.
/// </summary>
public sealed class BlockContext : IDisposable
{
    // Packing copies the rotary tables and needs a place in the result for each token: with less padding it isn't worth it.
    private const double LeastPadding = 1.0 / 32;

    private readonly RotaryTable? _main, _local;
    private readonly Tensor _mask;
    private readonly IReadOnlyDictionary<int, Tensor> _windows;
    private readonly long _tokens;
    private readonly bool _fused;

    private BlockContext(
        RotaryTable? main, RotaryTable? local, Tensor mask, IReadOnlyDictionary<int, Tensor> windows, long tokens, bool fused)
    {
        (_main, _local, _mask, _windows, _tokens, _fused) = (main, local, mask, windows, tokens, fused);
    }

    /// <summary>Position of each new token, <c>[batch, tokens]</c>, int64; null where only the rotary tables need it.</summary>
    internal Tensor? Positions { get; private init; }

    /// <summary>How the tokens are packed, if they are: columns of the masks are still those of the padded batch.</summary>
    internal TokenPacking? Packing { get; private init; }

    // Places of the packed tokens in the padded batch.
    internal Tensor? PackedRows { get; private init; }

    // Whether the asking tokens are packed as well, rather than some columns of each text.
    private bool AsksPacked { get; init; }

    // The same on the model's other devices, in order; none if the model is on one.
    private IReadOnlyList<BlockContext> Elsewhere { get; set; } = [];

    private IEnumerable<Tensor> Tensors =>
        new[] { _main?.Cos, _main?.Sin, _local?.Cos, _local?.Sin, PackedRows, Positions }.OfType<Tensor>()
            .Concat(Packing is null ? _windows.Values.Prepend(_mask) : [])
            .Concat(Elsewhere.SelectMany(context => context.Tensors));

    /// <summary>Builds the context from what is visible.</summary>
    /// <param name="main">Rotary tables, <c>[batch, tokens, 1, width]</c>, or null.</param>
    /// <param name="local">Those of the second base, or null.</param>
    /// <param name="positions">Positions, where the embeddings need them.</param>
    /// <param name="visible">Bool, <c>[batch, tokens, columns]</c>; at least one column for every token.</param>
    /// <param name="windows">The same for each width of window that hides anything.</param>
    /// <param name="dtype">Number format of the blocks.</param>
    /// <param name="headsPerGroup">Number of query heads that share a key/value head.</param>
    /// <param name="capped">Whether scores are capped, which the fused kernel doesn't do.</param>
    internal static BlockContext Create(
        RotaryTable? main, RotaryTable? local, Tensor? positions, Tensor visible, IReadOnlyDictionary<int, Tensor> windows,
        ScalarType dtype, int headsPerGroup,
        bool capped)
    {
        using DisposeScope scope = NewDisposeScope();
        bool fused = !capped && (dtype == ScalarType.Float32 || visible.device_type == DeviceType.CUDA);
        // Held by a variable: an implicit Scalar may be finalised while the native call still reads it.
        using Scalar never = float.NegativeInfinity;
        Tensor mask = Additive(visible).MoveToOuterDisposeScope();
        Dictionary<int, Tensor> masks = windows.ToDictionary(w => w.Key, w => Additive(w.Value).MoveToOuterDisposeScope());
        return new BlockContext(main, local, mask, masks, visible.shape[1], fused) { Positions = positions };

        Tensor Additive(Tensor seen)
        {
            Tensor hidden = seen.unsqueeze(1).logical_not();
            Tensor additive = zeros(hidden.shape, dtype: fused ? dtype : ScalarType.Float32, device: seen.device)
                .masked_fill_(hidden, never);
            return fused && headsPerGroup > 1 ? additive.repeat(1, 1, headsPerGroup, 1) : additive;
        }
    }

    /// <summary>A context with a mask that somebody else made, for training.</summary>
    /// <param name="main">Rotary tables, broadcastable to <c>[batch, tokens, 1, width]</c>, or null.</param>
    /// <param name="local">Those of the second base, or null.</param>
    /// <param name="positions">Positions, where the embeddings need them.</param>
    /// <param name="mask">Additive, float32, <c>[batch, 1, tokens, tokens]</c>, for every block alike.</param>
    internal static BlockContext Of(RotaryTable? main, RotaryTable? local, Tensor? positions, Tensor mask) =>
        new(main, local, mask, new Dictionary<int, Tensor>(), mask.shape[2], fused: false) { Positions = positions };

    /// <summary>Copies the context to a model's other devices as well.</summary>
    /// <param name="others">The devices in order, without the first.</param>
    /// <returns>This; the copies' tensors belong to the caller's dispose scope.</returns>
    internal BlockContext CopyTo(IReadOnlyList<Device> others)
    {
        Elsewhere = [.. others.Select(Copy)];
        return this;
    }

    /// <summary>The context as blocks on one of the model's devices take it.</summary>
    /// <param name="place">Number of the device, from 0.</param>
    internal BlockContext On(int place) => place == 0 ? this : Elsewhere[place - 1];

    /// <summary>Whether blocks can process the tokens without padding, at least without computing the same with more work.</summary>
    /// <param name="packing">The texts.</param>
    /// <param name="headWidth">Width of a head.</param>
    internal bool CanPack(TokenPacking packing, int headWidth) =>
        _fused && Elsewhere.Count == 0 && packing.Total * (1 + LeastPadding) <= packing.Count * (double)_tokens
        && SmallAttention.Suits(_mask, headWidth, packing.Longest, packing.Longest);

    /// <summary>The context for the same texts without padding.</summary>
    /// <param name="packing">The texts.</param>
    /// <returns>Its tensors belong to the caller's dispose scope; the masks are this one's, which must live as long.</returns>
    internal BlockContext Pack(TokenPacking packing)
    {
        Tensor rows = packing.Rows(_tokens);
        RotaryTable? Table(RotaryTable? of) => of is { } t ? new RotaryTable(Gathered(t.Cos), Gathered(t.Sin)) : null;
        Tensor Gathered(Tensor table)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor all = table.expand(packing.Count, -1, -1, -1).reshape(-1, 1, table.shape[3]);
            return all.index_select(0, rows).unsqueeze(0).MoveToOuterDisposeScope();
        }
        return new BlockContext(Table(_main), Table(_local), _mask, _windows, _tokens, _fused)
        {
            Packing = packing,
            PackedRows = rows,
            AsksPacked = true,
        };
    }

    /// <summary>This context, in which some columns ask, where the tokens that they see are packed.</summary>
    /// <param name="packing">The texts.</param>
    internal BlockContext Of(TokenPacking packing) => new(_main, _local, _mask, _windows, _tokens, _fused) { Packing = packing };

    /// <summary>The context in which only some columns ask, and all of them may be seen.</summary>
    /// <param name="columns">The asking columns, <c>[batch, count]</c>, int64.</param>
    /// <returns>Its tensors belong to the caller's dispose scope.</returns>
    internal BlockContext At(Tensor columns)
    {
        using DisposeScope scope = NewDisposeScope();
        long batch = columns.shape[0], count = columns.shape[1];
        return Changed(
            table => table.gather(1, columns.view(batch, count, 1, 1).expand(-1, -1, 1, table.shape[3])),
            mask => mask.narrow(2, 0, _tokens).gather(2, columns.view(batch, 1, count, 1).expand(-1, 1, -1, mask.shape[3])), count);
    }

    /// <summary>The context in which some consecutive columns ask, and all up to the last of them may be seen.</summary>
    /// <param name="from">First asking column.</param>
    /// <param name="count">How many.</param>
    /// <returns>Its tensors belong to the caller's dispose scope; the masks are copies, the rotary tables are views.</returns>
    internal BlockContext Slice(long from, long count)
    {
        using DisposeScope scope = NewDisposeScope();
        BlockContext sliced = Changed(
            table => table.narrow(1, from, count), mask => mask.narrow(2, from, count).narrow(3, 0, from + count), count);
        sliced.Elsewhere = [.. Elsewhere.Select(context => context.Slice(from, count).MoveToOuterDisposeScope())];
        return sliced;
    }

    /// <summary>Turns queries or keys as a block does.</summary>
    /// <param name="x"><c>[batch, tokens, heads, headWidth]</c>.</param>
    /// <param name="spec">The block.</param>
    /// <returns>As x; x itself where the block doesn't rotate.</returns>
    internal Tensor Rotate(Tensor x, BlockSpec spec) => spec.Rotary switch
    {
        RotaryUse.None => x,
        RotaryUse.Main => RotaryEmbedding.Apply(x, _main!.Value),
        _ => RotaryEmbedding.Apply(x, _local!.Value),
    };

    /// <summary>Attention with a block's mask, by the kernel that is faster for the element type and device.</summary>
    /// <param name="q"><c>[batch, heads, tokens, headWidth]</c>.</param>
    /// <param name="k"><c>[batch, groups, columns, headWidth]</c>.</param>
    /// <param name="v"><c>[batch, groups, columns, headWidth]</c>.</param>
    /// <param name="spec">The block.</param>
    /// <returns><c>[batch, tokens, heads * headWidth]</c>.</returns>
    internal Tensor Attend(Tensor q, Tensor k, Tensor v, BlockSpec spec)
    {
        Tensor mask = spec.Window is { } window && _windows.TryGetValue(window, out Tensor? narrow) ? narrow : _mask;
        return Packing is { } packing
            ? SmallAttention.Apply(q, k, v, mask, spec.ScoreScale ?? (1 / Math.Sqrt(q.shape[3])), packing, AsksPacked)
            : _fused ? Attention.ApplyFused(q, k, v, mask, spec.ScoreScale)
            : Attention.Apply(q, k, v, mask, spec.ScoreScale, spec.ScoreCap);
    }

    /// <summary>Takes the tensors out of the current dispose scope: from now on <see cref="Dispose"/> releases them.</summary>
    /// <returns>This.</returns>
    public BlockContext DetachFromDisposeScope()
    {
        foreach (Tensor tensor in Tensors)
        {
            tensor.DetachFromDisposeScope();
        }
        return this;
    }

    /// <summary>Hands the tensors to the dispose scope around the current one.</summary>
    /// <returns>This.</returns>
    public BlockContext MoveToOuterDisposeScope()
    {
        foreach (Tensor tensor in Tensors)
        {
            tensor.MoveToOuterDisposeScope();
        }
        return this;
    }

    /// <summary>Releases the native memory.</summary>
    public void Dispose()
    {
        foreach (Tensor tensor in Tensors)
        {
            tensor.Dispose();
        }
    }

    private BlockContext Copy(Device device)
    {
        Tensor Copied(Tensor of) => of.to(device, copy: true);
        RotaryTable? Table(RotaryTable? of) => of is { } t ? new RotaryTable(Copied(t.Cos), Copied(t.Sin)) : null;
        return new BlockContext(
            Table(_main), Table(_local), Copied(_mask), _windows.ToDictionary(w => w.Key, w => Copied(w.Value)), _tokens, _fused);
    }

    // The mask's rows may be repeated for the heads of a group.
    private BlockContext Changed(Func<Tensor, Tensor> table, Func<Tensor, Tensor> mask, long tokens)
    {
        RotaryTable? Table(RotaryTable? of) => of is { } t ? new RotaryTable(table(t.Cos), table(t.Sin)) : null;
        Tensor Mask(Tensor of) => mask(of).repeat(1, 1, of.shape[2] / _tokens, 1);
        return new BlockContext(Table(_main), Table(_local), Mask(_mask), _windows.ToDictionary(w => w.Key, w => Mask(w.Value)), tokens,
            _fused).MoveToOuterDisposeScope();
    }
}
