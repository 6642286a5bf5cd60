using HyperDas.Engine.Methods.Features;
using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Sae;

/// <summary>
/// SAE: the base's code with the concept's latents taken from the source, decoded (docs/methods.md#sparse-autoencoder). The reconstruction
/// error of the base is lost, unless it is added.
/// </summary>
public sealed class SaeModule : SelectedFeaturesModule
{
    private readonly bool _addError;

    /// <summary>Creates the module.</summary>
    /// <param name="store">Store of its state.</param>
    /// <param name="prefix">Prefix of its names on disk.</param>
    /// <param name="autoencoder">The domain's autoencoder.</param>
    /// <param name="addError">Whether to add the base's reconstruction error.</param>
    public SaeModule(ParameterStore store, string prefix, SparseAutoencoder autoencoder, bool addError)
        : base(store, prefix, autoencoder.Latents)
    {
        Autoencoder = autoencoder;
        _addError = addError;
    }

    /// <summary>The domain's autoencoder.</summary>
    public SparseAutoencoder Autoencoder { get; }

    /// <inheritdoc/>
    public override Tensor Change(Tensor present, Tensor delta, bool training)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor own = Autoencoder.Encode(present);
        Tensor mixed = own + ((Autoencoder.Encode(present + delta) - own) * Selected);
        Tensor reference = _addError ? Autoencoder.Decode(own) : present;
        return (Autoencoder.Decode(mixed) - reference).MoveToOuterDisposeScope();
    }
}
