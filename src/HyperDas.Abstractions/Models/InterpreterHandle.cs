namespace HyperDas;

/// <summary>
/// A trained interpreter: given a concept and two prompts, it proposes where and in which subspace to patch. It owns native memory, which
/// <see cref="NativeHandle.Dispose()"/> releases; the target model belongs to the code that imported it and isn't released with it.
/// </summary>
public abstract class InterpreterHandle : NativeHandle
{
    /// <summary>Method, e.g. <c>HyperDas</c>.</summary>
    public abstract string Method { get; }

    /// <summary>The target model it was trained for.</summary>
    public abstract ModelHandle Model { get; }

    /// <summary>Intervention layer ℓ: Hugging Face <c>hidden_states[ℓ]</c>, 0 = embeddings.</summary>
    public abstract int Layer { get; }

    /// <summary>Feature dimension k: rank of the subspace.</summary>
    public abstract int FeatureDimension { get; }

    /// <summary>
    /// What is patched: for a hypernetwork a <see cref="SubspaceKind"/>, for another method what that method finds, e.g. <c>Latents</c>.
    /// </summary>
    public abstract string Subspace { get; }

    /// <summary>Number of trained weights.</summary>
    public abstract long ParameterCount { get; }

    /// <summary>Folder it was loaded from or saved to, or null if it is only in memory.</summary>
    public abstract string? Path { get; }

    /// <summary>Keeps the interpreter and its target model while an operation uses them.</summary>
    /// <returns>The use; dispose it at the end of the operation.</returns>
    /// <exception cref="HyperDasException"><c>InterpreterDisposed</c> or <c>ModelDisposed</c>.</exception>
    public override IDisposable Acquire()
    {
        IDisposable model = Model.Acquire();
        try
        {
            return new BothUses(base.Acquire(), model);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Throws when the native memory of the interpreter or of its target model has been released.</summary>
    /// <exception cref="HyperDasException"><c>InterpreterDisposed</c> or <c>ModelDisposed</c>.</exception>
    public override void ThrowIfDisposed()
    {
        if (IsDisposed)
        {
            throw new HyperDasException("InterpreterDisposed", HyperDasErrorKind.InvalidOperation,
                $"The {Method} interpreter has been released; import it again.", this);
        }
        Model.ThrowIfDisposed();
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Method} at layer {Layer} of {Model.Name}";

    private sealed class BothUses(IDisposable interpreter, IDisposable model) : IDisposable
    {
        public void Dispose()
        {
            interpreter.Dispose();
            model.Dispose();
        }
    }
}
