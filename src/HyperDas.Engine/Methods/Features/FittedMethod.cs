using HyperDas.Engine.Methods.Fixed;

namespace HyperDas.Engine.Methods.Features;

/// <summary>A method that is fitted to hidden vectors of entities (docs/methods.md#entity-vectors).</summary>
/// <typeparam name="TOptions">The record of its options.</typeparam>
/// <typeparam name="TModule">What it has for each concept.</typeparam>
public abstract class FittedMethod<TOptions, TModule> : FixedMethod<TOptions>, IFeatureFitting
    where TOptions : FeatureMethodOptions
    where TModule : ConceptModule
{
    /// <inheritdoc/>
    public sealed override Learning Learning => Learning.Fitted;

    /// <inheritdoc/>
    public override IReadOnlySet<string> TrainingSettings { get; } =
        new HashSet<string> { nameof(TrainingOptions.CacheBytes), nameof(TrainingOptions.Seed) };

    /// <inheritdoc/>
    public sealed override bool LearnsFromDomains => true;

    TorchSharp.torch.Tensor IFeatureFitting.Share(ConceptModule module, MethodOptions options, FittingContext context, bool fit) =>
        Share((TModule)module, (TOptions)options, context, fit);

    void IFeatureFitting.Fit(ConceptModule module, MethodOptions options, LabelledFeatures features, FittingContext context) =>
        Fit((TModule)module, (TOptions)options, features, context);

    /// <inheritdoc cref="IFeatureFitting.Share"/>
    private protected virtual TorchSharp.torch.Tensor Share(TModule module, TOptions options, FittingContext context, bool fit) =>
        context.Vectors;

    /// <inheritdoc cref="IFeatureFitting.Fit"/>
    private protected abstract void Fit(TModule module, TOptions options, LabelledFeatures features, FittingContext context);
}
