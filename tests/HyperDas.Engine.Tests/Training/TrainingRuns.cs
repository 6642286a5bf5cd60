using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Training;
using HyperDas.Engine.Training.States;

namespace HyperDas.Engine.Tests.Training;

/// <summary>Trainings as tests ask for them.</summary>
internal static class TrainingRuns
{
    public static TrainingResult Run(
        LanguageModel model, RavelDataset dataset, MethodOptions method, TrainingOptions options, string? metricsPath = null,
        TrainingState? state = null,
        IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default, IReadOnlyList<RavelDomain>? domains = null,
        TrainingStart? from = null) =>
        InterpreterTraining.Run(
            new TrainingRequest(model, dataset, method) { Options = options, Domains = domains,
                MetricsPath = metricsPath, State = state, From = from }, progress, cancellation);

    /// <summary>Settings that a test gives to several methods, without those that one of them doesn't have.</summary>
    public static TrainingOptions Of(InterpreterMethod method, TrainingOptions wanted)
    {
        TrainingOptions options = MethodOptions.TrainingOf(method);
        foreach (string name in MethodCatalog.Of(method).TrainingSettings)
        {
            typeof(TrainingOptions).GetProperty(name)!.SetValue(options, typeof(TrainingOptions).GetProperty(name)!.GetValue(wanted));
        }
        return options;
    }
}
