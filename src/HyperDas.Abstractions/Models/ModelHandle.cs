namespace HyperDas;

/// <summary>
/// A loaded, frozen target model. It owns native memory, which <see cref="NativeHandle.Dispose()"/> releases. No property computes
/// anything, so a formatter or <c>ConvertTo-Json</c> may read all of them.
/// </summary>
public abstract class ModelHandle : NativeHandle
{
    /// <summary>
    /// Display name: the folder's name, or the repository's for a model in Hugging Face's cache, followed by a plus sign and the name of an
    /// adapter if there is one.
    /// </summary>
    public abstract string Name { get; }

    /// <summary>Absolute path of the Hugging Face folder the model came from.</summary>
    public abstract string Path { get; }

    /// <summary>Family, as <c>config.json</c> names it, e.g. <c>llama</c>.</summary>
    public abstract string Architecture { get; }

    /// <summary>Number of weights.</summary>
    public abstract long ParameterCount { get; }

    /// <summary>Width of the residual stream, d.</summary>
    public abstract int HiddenSize { get; }

    /// <summary>Number of blocks, L. Intervention layers run from 0 (embeddings) to L.</summary>
    public abstract int BlockCount { get; }

    /// <summary>Number of tokens in the vocabulary.</summary>
    public abstract int VocabularySize { get; }

    /// <summary>Number format of the weights in memory; never <see cref="ModelDtype.Auto"/>.</summary>
    public abstract ModelDtype Dtype { get; }

    /// <summary>
    /// Number format of products and hidden states; never <see cref="ModelDtype.Auto"/>. Weights in another format are converted product by
    /// product.
    /// </summary>
    public abstract ModelDtype ComputeDtype { get; }

    /// <summary>Device of the weights, e.g. <c>cpu</c>, <c>cuda:0</c>, or <c>cuda:0,cuda:1</c> if blocks are distributed.</summary>
    public abstract string Device { get; }

    /// <summary>SHA-256 over configuration and weights, by which an interpreter identifies its target model.</summary>
    public abstract string Fingerprint { get; }

    /// <summary>Throws <c>ModelDisposed</c> when the native memory has been released.</summary>
    /// <exception cref="HyperDasException"><c>ModelDisposed</c>.</exception>
    public override void ThrowIfDisposed()
    {
        if (IsDisposed)
        {
            throw new HyperDasException(
                "ModelDisposed", HyperDasErrorKind.InvalidOperation, $"The model '{Name}' has been released; import it again.", this);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
