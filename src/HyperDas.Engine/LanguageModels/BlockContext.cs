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
    internal BlockContext(RotaryTable rotary, Tensor? mask)
    {
        Rotary = rotary;
        Mask = mask;
    }

    /// <summary>Rotary tables, <c>[batch, tokens, 1, headWidth]</c>.</summary>
    internal RotaryTable Rotary { get; }

    /// <summary>Additive mask, float32, or null when every key may be seen. Its layout is the attention's affair.</summary>
    internal Tensor? Mask { get; }

    /// <summary>Takes the tensors out of the current dispose scope: from now on <see cref="Dispose"/> releases them.</summary>
    /// <returns>This.</returns>
    public BlockContext DetachFromDisposeScope()
    {
        Rotary.Cos.DetachFromDisposeScope();
        Rotary.Sin.DetachFromDisposeScope();
        Mask?.DetachFromDisposeScope();
        return this;
    }

    /// <summary>Hands the tensors to the dispose scope around the current one.</summary>
    /// <returns>This.</returns>
    public BlockContext MoveToOuterDisposeScope()
    {
        Rotary.Cos.MoveToOuterDisposeScope();
        Rotary.Sin.MoveToOuterDisposeScope();
        Mask?.MoveToOuterDisposeScope();
        return this;
    }

    /// <summary>Releases the native memory.</summary>
    public void Dispose()
    {
        Rotary.Cos.Dispose();
        Rotary.Sin.Dispose();
        Mask?.Dispose();
    }
}
