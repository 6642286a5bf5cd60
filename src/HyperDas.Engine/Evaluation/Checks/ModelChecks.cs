using HyperDas.Engine.LanguageModels;

namespace HyperDas.Engine.Evaluation.Checks;

/// <summary>
/// Checks the properties of a target model that results depend on; <c>Test-HyperDasModel</c> and every experiment run these checks first.
/// Nothing is random.
/// </summary>
public static class ModelChecks
{
    /// <summary>The checks of a target model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">Prompts, layers, tolerance.</param>
    /// <returns>One step for each check; nothing is computed before it is run.</returns>
    /// <exception cref="HyperDasException"><c>ModelDisposed</c>, <c>CheckOptionInvalid</c>, <c>LayerInvalid</c>.</exception>
    public static IReadOnlyList<CheckStep> Of(LanguageModel model, ModelCheckOptions? options = null) =>
        Of(new ModelPaths(model), options ?? new ModelCheckOptions());

    /// <summary>The same for other ways of running a model, to test that a wrong one is detected.</summary>
    internal static IReadOnlyList<CheckStep> Of(ModelPaths paths, ModelCheckOptions options)
    {
        LanguageModel model = paths.Model;
        model.ThrowIfDisposed();
        options.ThrowIfImpossible(model.BlockCount);
        double tolerance = options.Tolerance ?? ModelCheckOptions.ToleranceOf(model.ComputeDtype);
        IReadOnlyList<int> layers = options.Layers ?? [.. Enumerable.Range(0, model.BlockCount + 1)];
        PathChecks running = new(paths, TokenizerCheck.Sequences(model, options.Prompts), layers, tolerance);
        return
        [
            WeightChecks.Finite(model), FileChecks.Unread(model), TokenizerCheck.Of(model), .. running.Steps(),
            .. FileChecks.Reference(model, tolerance), WeightChecks.Saved(model),
        ];
    }

    /// <summary>Runs checks.</summary>
    /// <param name="steps">The checks.</param>
    /// <param name="progress">Receives the current one.</param>
    /// <param name="cancellation">Checked between runs of the model.</param>
    public static IReadOnlyList<ModelCheck> Run(
        IReadOnlyList<CheckStep> steps, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        List<ModelCheck> results = [];
        foreach (CheckStep step in steps)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new WorkProgress("Checking the model", step.Name, results.Count, steps.Count));
            results.Add(step.Run(cancellation));
        }
        return results;
    }

    /// <summary>Throws if a required check has failed.</summary>
    /// <param name="checks">The results.</param>
    /// <param name="file">File that contains all results.</param>
    /// <exception cref="HyperDasException"><c>ModelCheckFailed</c>: names the first of them.</exception>
    public static void ThrowIfFailed(IReadOnlyList<ModelCheck> checks, string file)
    {
        if (checks.FirstOrDefault(c => c.Required && !c.Passed) is ModelCheck failed)
        {
            int count = checks.Count(c => c.Required && !c.Passed);
            throw new HyperDasException(
                "ModelCheckFailed", HyperDasErrorKind.OperationStopped,
                $"The model '{failed.Model}' fails {failed.Name}{(count > 1 ? $" and {count - 1} more" : "")}: {failed.Detail} " +
                $"{(failed.Tolerance is double tolerance ? FormattableString.Invariant($"The tolerance is {tolerance}. ") : "")}Results would be meaningless, so nothing was trained. '{file}' contains all checks; Test-HyperDasModel repeats them.",
                failed);
        }
    }
}
