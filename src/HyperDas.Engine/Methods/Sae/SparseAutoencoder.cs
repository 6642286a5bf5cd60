using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Sae;

/// <summary>
/// A sparse autoencoder of a domain's entity vectors, shared by its concepts: z = ReLU(W_e (x − b_d) + b_e), x̂ = W_d z + b_d
/// (docs/methods.md#sparse-autoencoder). Vectors are divided by their root mean square, which makes the sparsity weight independent of the
/// model.
/// </summary>
public sealed class SparseAutoencoder
{
    private readonly TrainableTensor _encoder, _encoderBias, _decoder, _decoderBias;
    private readonly Tensor _scale;

    /// <summary>Creates an untrained autoencoder: encoder random, decoder its transpose.</summary>
    /// <param name="store">Store of its state.</param>
    /// <param name="prefix">Prefix of its names on disk.</param>
    /// <param name="dimension">d.</param>
    /// <param name="latents">Number of latents.</param>
    /// <param name="generator">Source of the random initialisation.</param>
    public SparseAutoencoder(ParameterStore store, string prefix, long dimension, long latents, Generator generator)
    {
        Tensor encoder = Initialise.Linear(latents, dimension, generator);
        _decoder = store.Add(prefix + "sae.decoder.weight", ParameterGroup.Main, encoder.transpose(0, 1).contiguous());
        _encoder = store.Add(prefix + "sae.encoder.weight", ParameterGroup.Main, encoder);
        _encoderBias = store.Add(prefix + "sae.encoder.bias", ParameterGroup.Main, zeros(latents));
        _decoderBias = store.Add(prefix + "sae.decoder.bias", ParameterGroup.Main, zeros(dimension));
        _scale = store.AddBuffer(prefix + "sae.scale", tensor(1f));
        Latents = latents;
    }

    /// <summary>Number of latents.</summary>
    public long Latents { get; }

    /// <summary>Sets the divisor of vectors.</summary>
    /// <param name="vectors"><c>[vectors, d]</c>.</param>
    public void Scale(Tensor vectors)
    {
        using DisposeScope scope = NewDisposeScope();
        _scale.copy_(vectors.square().mean().sqrt().clamp_min(1e-12));
    }

    /// <summary>z of vectors.</summary>
    /// <param name="vectors"><c>[vectors, d]</c>.</param>
    /// <returns><c>[vectors, latents]</c>, at least 0, in the caller's dispose scope.</returns>
    public Tensor Encode(Tensor vectors)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor centred = (vectors / _scale) - _decoderBias;
        return nn.functional.relu(nn.functional.linear(centred, _encoder, _encoderBias)).MoveToOuterDisposeScope();
    }

    /// <summary>x̂ of latents.</summary>
    /// <param name="latents"><c>[vectors, latents]</c>.</param>
    /// <returns><c>[vectors, d]</c>, in the caller's dispose scope.</returns>
    public Tensor Decode(Tensor latents)
    {
        using DisposeScope scope = NewDisposeScope();
        return (nn.functional.linear(latents, _decoder, _decoderBias) * _scale).MoveToOuterDisposeScope();
    }

    /// <summary>Mean squared error and mean absolute latent, for scaled vectors.</summary>
    /// <param name="vectors"><c>[vectors, d]</c>.</param>
    /// <returns>Two scalars, in the caller's dispose scope.</returns>
    public (Tensor Error, Tensor Size) Losses(Tensor vectors)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor latents = Encode(vectors);
        Tensor error = ((Decode(latents) - vectors) / _scale).square().mean();
        return (error.MoveToOuterDisposeScope(), latents.abs().mean().MoveToOuterDisposeScope());
    }
}
