using HyperDas.Engine.LanguageModels.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <summary>
/// What all blocks of one pass share: rotary tables and the additive attention mask. Built once per pass; its tensors belong to the
/// dispose scope in which it was made, unless <see cref="DetachFromDisposeScope"/> is called.
/// </summary>
public sealed class BlockContext : IDisposable
{
    private readonly Tensor _mask;
    private readonly bool _fused;

    private BlockContext(RotaryTable rotary, Tensor mask, bool fused)
    {
        Rotary = rotary;
        _mask = mask;
        _fused = fused;
    }

    /// <summary>Rotary tables, <c>[batch, tokens, 1, headWidth]</c>.</summary>
    internal RotaryTable Rotary { get; }

    /// <summary>Builds the context from what is visible.</summary>
    /// <param name="rotary">Rotary tables, <c>[batch, tokens, 1, headWidth]</c>.</param>
    /// <param name="visible">Bool, <c>[batch, tokens, columns]</c>; at least one column for every token.</param>
    /// <param name="headsPerGroup">Number of query heads that share a key/value head.</param>
    internal static BlockContext Create(RotaryTable rotary, Tensor visible, int headsPerGroup)
    {
        using DisposeScope scope = NewDisposeScope();
        ScalarType dtype = rotary.Cos.dtype;
        bool fused = dtype == ScalarType.Float32 || visible.device_type == DeviceType.CUDA;
        Tensor hidden = visible.unsqueeze(1).logical_not();
        // Held by name: an implicit Scalar may be finalised while the native call still reads it.
        using Scalar never = float.NegativeInfinity;
        Tensor mask = zeros(hidden.shape, dtype: fused ? dtype : ScalarType.Float32, device: visible.device).masked_fill_(hidden, never);
        if (fused && headsPerGroup > 1)
        {
            mask = mask.repeat(1, 1, headsPerGroup, 1);
        }
        return new BlockContext(rotary, mask.MoveToOuterDisposeScope(), fused);
    }

    /// <summary>The context in which only some columns ask, and all of them may be seen.</summary>
    /// <param name="columns">The asking columns, <c>[batch, count]</c>, int64.</param>
    /// <returns>Its tensors belong to the caller's dispose scope.</returns>
    internal BlockContext At(Tensor columns)
    {
        using DisposeScope scope = NewDisposeScope();
        long batch = columns.shape[0], count = columns.shape[1], tokens = Rotary.Cos.shape[1];
        Tensor turned = columns.view(batch, count, 1, 1).expand(-1, -1, 1, Rotary.Cos.shape[3]);
        Tensor asking = columns.view(batch, 1, count, 1).expand(-1, 1, -1, _mask.shape[3]);
        // The mask's rows may be repeated for the heads of a group.
        Tensor mask = _mask.narrow(2, 0, tokens).gather(2, asking).repeat(1, 1, _mask.shape[2] / tokens, 1);
        return new BlockContext(new RotaryTable(Rotary.Cos.gather(1, turned), Rotary.Sin.gather(1, turned)), mask, _fused).MoveToOuterDisposeScope();
    }

    /// <summary>The context in which some consecutive columns ask, and all up to the last of them may be seen.</summary>
    /// <param name="from">First asking column.</param>
    /// <param name="count">How many.</param>
    /// <returns>Its tensors belong to the caller's dispose scope; the mask is a copy, the rotary tables are views.</returns>
    internal BlockContext Slice(long from, long count)
    {
        using DisposeScope scope = NewDisposeScope();
        long tokens = Rotary.Cos.shape[1];
        Tensor mask = _mask.narrow(2, from, count).narrow(3, 0, from + count).repeat(1, 1, _mask.shape[2] / tokens, 1);
        return new BlockContext(new RotaryTable(Rotary.Cos.narrow(1, from, count), Rotary.Sin.narrow(1, from, count)), mask, _fused).MoveToOuterDisposeScope();
    }

    /// <summary>Attention with this mask, by the kernel that is faster for the element type and device.</summary>
    /// <param name="q"><c>[batch, heads, tokens, headWidth]</c>.</param>
    /// <param name="k"><c>[batch, groups, columns, headWidth]</c>.</param>
    /// <param name="v"><c>[batch, groups, columns, headWidth]</c>.</param>
    /// <returns><c>[batch, tokens, heads * headWidth]</c>.</returns>
    internal Tensor Attend(Tensor q, Tensor k, Tensor v) =>
        _fused ? Attention.ApplyFused(q, k, v, _mask) : Attention.Apply(q, k, v, _mask);

    /// <summary>Takes the tensors out of the current dispose scope: from now on <see cref="Dispose"/> releases them.</summary>
    /// <returns>This.</returns>
    public BlockContext DetachFromDisposeScope()
    {
        Rotary.Cos.DetachFromDisposeScope();
        Rotary.Sin.DetachFromDisposeScope();
        _mask.DetachFromDisposeScope();
        return this;
    }

    /// <summary>Hands the tensors to the dispose scope around the current one.</summary>
    /// <returns>This.</returns>
    public BlockContext MoveToOuterDisposeScope()
    {
        Rotary.Cos.MoveToOuterDisposeScope();
        Rotary.Sin.MoveToOuterDisposeScope();
        _mask.MoveToOuterDisposeScope();
        return this;
    }

    /// <summary>Releases the native memory.</summary>
    public void Dispose()
    {
        Rotary.Cos.Dispose();
        Rotary.Sin.Dispose();
        _mask.Dispose();
    }
}
