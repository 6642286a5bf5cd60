using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Methods.Features;
using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Rlap;

/// <summary>RLAP, for <see cref="MethodCatalog"/>.</summary>
public sealed class RlapMethod : FittedMethod<RlapOptions, RlapModule>
{
    /// <inheritdoc/>
    public override InterpreterMethod Method => InterpreterMethod.Rlap;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Aliases { get; } =
        new Dictionary<string, string> { [nameof(TrainingOptions.MaxSteps)] = nameof(RlapOptions.Steps) };

    /// <inheritdoc/>
    public override IEnumerable<ModelLimit> Limits(MethodOptions options, ModelConfig target) =>
        [new(nameof(RlapOptions.FeatureDimension), ((RlapOptions)options).FeatureDimension, target.HiddenSize,
            "the target's hidden width")];

    private protected override double StoredNumbers(RlapOptions options, double dimension, double concepts, double domains) =>
        concepts * dimension * options.FeatureDimension;

    private protected override Func<ConceptKey, string, Generator, ConceptModule> Maker(
        RlapOptions options, ParameterStore store, int dimension) =>
        (_, prefix, _) => new RlapModule(store, prefix, dimension, options.FeatureDimension);

    private protected override void Fit(RlapModule module, RlapOptions options, LabelledFeatures features, FittingContext context) =>
        module.Set(
        RlapGame.Play(features.Features, features.Classes, features.ClassCount, options, context.Seed, context.Log, context.Cancellation));
}
