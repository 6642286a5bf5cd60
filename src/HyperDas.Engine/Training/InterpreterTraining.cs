using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Training.Memory;
using HyperDas.Engine.Training.States;

namespace HyperDas.Engine.Training;

/// <summary>Trains interpreters of all methods; called by <c>Start-HyperDasTraining</c> and experiments.</summary>
public static class InterpreterTraining
{
    /// <summary>Creates and trains an interpreter, or resumes its training.</summary>
    /// <param name="request">The training request.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Checked before every step.</param>
    /// <returns>The trained interpreter, which the caller owns, with metrics and other results.</returns>
    /// <exception cref="HyperDasException">
    /// <c>LayerInvalid</c>, <c>OptionInvalid</c>, <c>DatasetEmpty</c>, <c>ValuesInsufficient</c>, <c>MemoryInsufficient</c>,
    /// <c>TrainingDiverged</c>, <c>WriteFailed</c>; <c>StateMismatch</c>, <c>StateCorrupt</c>: the state folder holds another training, or
    /// nothing that can be read. <c>InterpreterMismatch</c>, <c>PathNotFound</c> and what reading an interpreter may throw: there is none
    /// to start from that fits.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is kept but the metrics and the state.</exception>
    public static TrainingResult Run(
        TrainingRequest request, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        request.Model.ThrowIfDisposed();
        request = request.Settled();
        if (request.State?.IsOfDefaultLength == true && request.Dataset.MaxTokens != RavelDatasetOptions.DefaultMaxTokens)
        {
            request = request with { Dataset = request.Dataset with { MaxTokens = RavelDatasetOptions.DefaultMaxTokens } };
        }
        MethodDescription method = MethodCatalog.Of(request.Method);
        method.ThrowIfUnfit(request.Method, request.Model);
        method.ThrowIfBroken(request.Method, request.Options);
        TrainingWay way = method.Learning switch
        {
            Learning.Together => new JointTraining(request),
            Learning.ByConcept => new ConceptTraining(request),
            _ => new FeatureFitting(request),
        };
        Interpreter interpreter = way.Begin(cancellation);
        try
        {
            using RunKeeper keeper = new(
                request.State,
                () => way.Fingerprint(StateFingerprint.Of(interpreter.Method, request.Model).AddOptions(request.Method)
                    .AddTraining(way.Options, method.TrainingSettings)
                    .AddIf(request.Dataset.MaxTokens != RavelDatasetOptions.DefaultMaxTokens,
                        f => f.Add(nameof(RavelDataset.MaxTokens), FormattableString.Invariant($"{request.Dataset.MaxTokens}")))),
                request.MetricsPath);
            ActivationUse? use = null;
            if (keeper.WasFinished)
            {
                keeper.Restore(interpreter);
            }
            else
            {
                (double bytes, int epochs) = way.States;
                using SpilledStates? spilled = SpilledStates.For(request.Model, bytes, epochs, way.Options, request.State);
                using ActivationCache cache = interpreter.CreateCache(
                    way.Options.CacheBytes, spilled?.Files ?? request.Model.ActivationFiles);
                way.Train(interpreter, cache, keeper, progress, cancellation);
                keeper.Finish(interpreter);
                spilled?.IsFinished = true;
                use = cache.Use;
            }
            interpreter.TrainedWith = way.TrainedWith;
            way.LearnWords(interpreter, progress, cancellation);
            return way.Complete(new TrainingResult
            {
                Interpreter = interpreter,
                Metrics = keeper.Metrics,
                Steps = keeper.Metrics.Count,
                Duration = keeper.Duration,
                Seed = way.Options.Seed,
                MetricsPath = request.MetricsPath,
                Activations = use,
            });
        }
        catch
        {
            interpreter.Dispose();
            throw;
        }
    }
}
