using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Training;
using HyperDas.Engine.Training.States;

namespace HyperDas.Engine.Tests.Training;

/// <summary>Trainings as tests ask for them.</summary>
internal static class TrainingRuns
{
    public static TrainingResult Run(
        LanguageModel model, RavelDataset dataset, MethodOptions method, TrainingOptions options, string? metricsPath = null, TrainingState? state = null,
        IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default, IReadOnlyList<RavelDomain>? domains = null, TrainingStart? from = null) =>
        InterpreterTraining.Run(
            new TrainingRequest(model, dataset, method) { Options = options, Domains = domains,
                MetricsPath = metricsPath, State = state, From = from }, progress, cancellation);
}
