using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Evaluation.Checks;
using HyperDas.Engine.Experiments.Plans;
using HyperDas.Engine.Experiments.Runs;
using HyperDas.Engine.Files;
using HyperDas.Engine.LanguageModels;

namespace HyperDas.Engine.Experiments.Layers;

/// <summary>Executes one run of a search, and reports the number of steps that it made even if it fails.</summary>
internal delegate ExperimentResult LayerTraining(
    ExperimentRun run, Action<int> done, IProgress<WorkProgress>? progress, CancellationToken cancellation);

/// <summary>
/// Finds the layer of an experiment: checks the model, searches, and records helpers' attempts. What it throws is documented at the
/// methods of <c>ExperimentRunner</c> that call it.
/// </summary>
/// <param name="inputs">Model and examples, which remain their owner's.</param>
/// <param name="train">Executes the trainings.</param>
internal sealed class LayerFinder(ExperimentInputs inputs, LayerTraining train)
{
    /// <summary>Finds the layer of a run in a subfolder of the run's folder.</summary>
    public IReadOnlyList<LayerCandidate> Find(
        ExperimentRun run, IReadOnlyList<int>? layers, bool force, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        inputs.AnswersFolder = PlanFolder.Answers(run.PlanPath);
        return Find(
            run.Settings, new RunFolder(run.Path).File(RunFolder.LayersFolder), layers, force, worker: 0, _ => { }, progress, cancellation);
    }

    /// <summary>Helps other processes find the layer of a run.</summary>
    public void Help(
        ExperimentRun run, IReadOnlyList<int>? layers, int worker, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        RunFolder folder = new(run.Path);
        if (folder.IsFinished || Known(folder) is not null
            || worker >= (layers?.Count ?? ModelConfigFile.Load(HubFolder.Resolve(run.Settings.Target.Path)).BlockCount))
        {
            return;
        }
        RunFolder own = new(PlanFolder.Worker(run.PlanPath, run.Index, worker));
        using FolderLock held = FolderLock.Take(own.Path, "RunLocked", "layer search");
        RunAttempt attempt = RunAttempt.Begin(own);
        try
        {
            inputs.AnswersFolder = PlanFolder.Answers(run.PlanPath);
            Find(
                run.Settings, folder.File(RunFolder.LayersFolder), layers, force: false, worker, done => attempt.Beside += done, progress,
                cancellation);
            attempt.End(AttemptEvent.Finished, step: null);
        }
        catch (Exception e)
        {
            attempt.End(e, step: null);
            throw;
        }
    }

    /// <summary>Checks the model and finds the layer for settings, which needn't be those of a run.</summary>
    public IReadOnlyList<LayerCandidate> Find(
        Experiment settings, string folder, IReadOnlyList<int>? layers, bool force, int worker, Action<int> done,
        IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        _ = inputs.Model(settings, progress, cancellation);
        string proof = Path.Combine(folder, RunFolder.ModelCheckFile);
        IReadOnlyList<ModelCheck> checks = inputs.Checks(settings, progress, cancellation);
        ModelCheckFile.Write(checks, proof);
        ModelChecks.ThrowIfFailed(checks, proof);
        return Search(settings, folder, layers, force, worker, done, progress, cancellation);
    }

    /// <summary>Finds the layer with a model that has been checked.</summary>
    public IReadOnlyList<LayerCandidate> Search(
        Experiment settings, string folder, IReadOnlyList<int>? layers, bool force, int worker, Action<int> done,
        IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        LanguageModel model = inputs.Model(settings, progress, cancellation);
        RavelDataset dataset = inputs.Dataset(settings, progress, cancellation).Dataset;
        LayerSearch search = new(settings, folder, model, dataset, (run, placed, stop) => train(run, done, placed, stop)) { Done = done };
        return search.Run(layers, force, worker, progress, cancellation);
    }

    /// <summary>The choice of an earlier attempt, which is kept; null if there is none.</summary>
    public static IReadOnlyList<LayerCandidate>? Known(RunFolder folder)
    {
        string file = folder.File(RunFolder.ManifestFile);
        return File.Exists(file) ? RunManifest.Read(file).Layers : null;
    }

    /// <summary>The settings at a layer.</summary>
    public static Experiment At(Experiment settings, int layer) =>
        settings with { Method = settings.Method with { Options = settings.Method.Options! with { Layer = layer } } };
}
