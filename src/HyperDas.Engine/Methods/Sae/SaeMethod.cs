using HyperDas.Engine.Methods.Features;
using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Sae;

/// <summary>SAE, for <see cref="MethodCatalog"/>.</summary>
public sealed class SaeMethod : FittedMethod<SaeOptions, SaeModule>
{
    /// <inheritdoc/>
    public override InterpreterMethod Method => InterpreterMethod.Sae;

    /// <inheritdoc/>
    public override bool IsLinear => false;

    private protected override string Subspace => "Latents";

    private protected override void ThrowIfTooLarge(SaeOptions options, int dimension) => MemoryCheck.RequireTrained(
        2.0 * options.LatentMultiple * dimension * dimension,
        $"A sparse autoencoder with {options.LatentMultiple} times {dimension} latents", options.LatentMultiple);

    private protected override double StoredNumbers(SaeOptions options, double dimension, double concepts, double domains)
    {
        double latents = options.LatentMultiple * dimension;
        return (concepts * latents) + (domains * ((2 * latents * dimension) + latents + dimension + 1));
    }

    private protected override Func<ConceptKey, string, Generator, ConceptModule> Maker(
        SaeOptions options, ParameterStore store, int dimension)
    {
        Dictionary<string, SparseAutoencoder> autoencoders = [];
        return (concept, prefix, generator) => new SaeModule(
            store, prefix,
            Shared(autoencoders, concept, p => new SparseAutoencoder(store, p, dimension, options.LatentMultiple * dimension, generator)),
            options.AddError);
    }

    private protected override Tensor Share(SaeModule module, SaeOptions options, FittingContext context, bool fit)
    {
        if (fit)
        {
            using IDisposable gradient = enable_grad();
            SaeTrainer.Train(context.Vectors.to(context.Device), options, context.Seed, context.Log, context.Take, context.Cancellation);
        }
        return module.Autoencoder.Encode(context.Vectors.to(context.Device)).cpu();
    }

    private protected override void Fit(SaeModule module, SaeOptions options, LabelledFeatures features, FittingContext context) =>
        module.Select(SparseProbe.Select(
            features.Features, features.Classes, features.ClassCount, options.ProbeStrength, context.Cancellation));
}
