using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Das;

/// <summary>DAS, for <see cref="MethodCatalog"/>.</summary>
public class DasMethod : FixedMethod<DasOptions>
{
    /// <inheritdoc/>
    public override InterpreterMethod Method => InterpreterMethod.Das;

    /// <inheritdoc/>
    public override IReadOnlySet<string> TrainingSettings { get; } = ByGradient(nameof(TrainingOptions.RotationLearningRate));

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Aliases { get; } =
        new Dictionary<string, string> { [nameof(TrainingOptions.LearningRate)] = nameof(TrainingOptions.RotationLearningRate) };

    /// <inheritdoc/>
    public override IEnumerable<ModelLimit> Limits(MethodOptions options, ModelConfig target) =>
        [new(nameof(DasOptions.FeatureDimension), ((DasOptions)options).FeatureDimension, target.HiddenSize, "the target's hidden width")];

    /// <inheritdoc/>
    public override bool LearnsFromIsolate(MethodOptions options) => false;

    private protected sealed override double StoredNumbers(DasOptions options, double dimension, double concepts, double domains) =>
        concepts * dimension * (dimension + options.FeatureDimension);

    private protected sealed override Func<ConceptKey, string, Generator, ConceptModule> Maker(
        DasOptions options, ParameterStore store, int dimension) =>
        (_, prefix, generator) => new DasModule(store, prefix, dimension, options.FeatureDimension, generator);
}

/// <summary>MDAS, for <see cref="MethodCatalog"/>.</summary>
public sealed class MdasMethod : DasMethod
{
    /// <inheritdoc/>
    public override InterpreterMethod Method => InterpreterMethod.Mdas;

    /// <inheritdoc/>
    public override IReadOnlySet<string> TrainingSettings { get; } =
        ByGradient(nameof(TrainingOptions.RotationLearningRate), nameof(TrainingOptions.IsolateWeight));

    /// <inheritdoc/>
    public override bool LearnsFromIsolate(MethodOptions options) => true;
}
