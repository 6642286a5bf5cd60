using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Dbm;

/// <summary>DBM, for <see cref="MethodCatalog"/>.</summary>
public sealed class DbmMethod : FixedMethod<DbmOptions>
{
    /// <inheritdoc/>
    public override InterpreterMethod Method => InterpreterMethod.Dbm;

    /// <inheritdoc/>
    public override IReadOnlySet<string> TrainingSettings { get; } = ByGradient(
        nameof(TrainingOptions.MaskLearningRate), nameof(TrainingOptions.WeightDecay), nameof(TrainingOptions.IsolateWeight),
        nameof(TrainingOptions.TemperatureStart), nameof(TrainingOptions.TemperatureEnd));

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Aliases { get; } =
        new Dictionary<string, string> { [nameof(TrainingOptions.LearningRate)] = nameof(TrainingOptions.MaskLearningRate) };

    private protected override string Subspace => "HiddenDimensions";

    /// <inheritdoc/>
    public override bool LearnsFromIsolate(MethodOptions options) => ((DbmOptions)options).MultiTask;

    private protected override double StoredNumbers(DbmOptions options, double dimension, double concepts,
        double domains) => concepts * dimension;

    private protected override Func<ConceptKey, string, Generator, ConceptModule> Maker(
        DbmOptions options, ParameterStore store, int dimension) =>
        (_, prefix, _) => new DbmModule(store, prefix, dimension, options.MaskPenalty);
}
