using System.Text;
using HyperDas.Engine.Evaluation;
using HyperDas.Engine.Evaluation.Checks;
using HyperDas.Engine.Experiments.Layers;
using HyperDas.Engine.Experiments.Plans;
using HyperDas.Engine.Experiments.Runs;
using HyperDas.Engine.Files;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training;
using HyperDas.Engine.Training.States;

namespace HyperDas.Engine.Experiments;

/// <summary>
/// Runs experiments; called by <c>Invoke-HyperDasExperiment</c>. The model is checked before anything is trained on it. The same settings
/// give the same <c>scores.json</c>, byte for byte, on the same machine, whether or not the training was interrupted. Model and examples
/// are kept from one run to the next.
/// </summary>
/// <param name="report">Writes the report of each finished run that should have one and doesn't, after its folder is otherwise complete:
/// <c>RunReport.Write</c>, which belongs to a higher room. Null for no reports.</param>
/// <param name="interval">How often a training's state is written; once a minute by default.</param>
public sealed class ExperimentRunner(
    Action<ExperimentRun, ExperimentResult>? report = null, CheckpointInterval? interval = null) : IDisposable
{
    private ExperimentInputs _inputs = new();

    // Number of steps in the run's state; null before its training.
    private int? _step;

    // Number of steps of the last attempt.
    private int _made;

    /// <summary>Runs one experiment, or reads its result if it is finished.</summary>
    /// <param name="run">The run.</param>
    /// <param name="force">Whether to repeat a finished run, and to replace one with other settings.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Checked at every step.</param>
    /// <exception cref="HyperDasException">
    /// <c>ModelCheckFailed</c>: the model computes something else alone than in a batch, or the like; <c>OutputExists</c>: the folder holds
    /// a run with other settings, or files of these names that no run has left; <c>RunLocked</c>; <c>WriteFailed</c>; <c>StateMismatch</c>:
    /// model or examples have changed since the run began; whatever loading, training and scoring throw.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled; the run is unfinished, and the next call goes on with it.</exception>
    public ExperimentResult Run(
        ExperimentRun run, bool force = false, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        RunFolder folder = new(run.Path);
        using FolderLock held = FolderLock.Take(run.Path, "RunLocked", "run");
        folder.ThrowIfForeign();
        folder.Tidy();
        if (force)
        {
            folder.Clear();
            if (run.Settings.Method.FindsLayer)
            {
                new LayerFolder(folder.File(RunFolder.LayersFolder)).Clear();
            }
        }
        run = folder.AsBegun(run);
        folder.ThrowIfOther(run.Yaml);
        ExperimentResult result = folder.IsFinished ? folder.ReadResult(run) : Attempt(run, folder, progress, cancellation);
        // A process that finished the run may have ended before it wrote the report.
        if (run.Settings.Outputs.Report && !(result.WasFinished && File.Exists(folder.File(RunFolder.ReportFile))))
        {
            report?.Invoke(run, result);
        }
        return result;
    }

    /// <summary>Finds the layer of a run, or resumes the search, in a subfolder of the run's folder.</summary>
    /// <param name="run">The run; its layer is ignored.</param>
    /// <param name="layers">The layers to choose from; null for all but the embeddings.</param>
    /// <param name="force">Whether to start over regardless of an earlier search's settings.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Checked at every step.</param>
    /// <returns>The layers, best first.</returns>
    /// <exception cref="HyperDasException">
    /// As <see cref="Run"/>; <c>LayerInvalid</c>: the model has no such layer; <c>LayersCorrupt</c>.
    /// </exception>
    public IReadOnlyList<LayerCandidate> FindLayer(
        ExperimentRun run, IReadOnlyList<int>? layers = null, bool force = false, IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default) => Finder.Find(run, layers, force, progress, cancellation);

    /// <summary>
    /// Helps other processes find the layer of a run: does swaps and trainings of the search that no other process has taken, and returns
    /// when nothing is left for it. Its attempts are recorded among the plan's files.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="layers">The layers to choose from; null for all but the embeddings. They must be the same in all processes.</param>
    /// <param name="worker">The number of this helper, from 1: the n-th leaves when at most n layers remain.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Checked at every step.</param>
    /// <exception cref="HyperDasException">As <see cref="FindLayer(ExperimentRun, IReadOnlyList{int}?, bool, IProgress{WorkProgress}?,
    /// CancellationToken)"/>; <c>RunLocked</c>: another process has the same number.</exception>
    public void HelpFindLayer(
        ExperimentRun run, IReadOnlyList<int>? layers, int worker, IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default) => Finder.Help(run, layers, worker, progress, cancellation);

    /// <summary>A runner over inputs that remain their owner's.</summary>
    /// <param name="inputs">Model and examples.</param>
    internal static ExperimentRunner Over(ExperimentInputs inputs) => new() { _inputs = inputs };

    /// <summary>Finds layers with this runner's model and examples; another runner executes the trainings of the search.</summary>
    internal LayerFinder Finder => new(_inputs, (run, done, progress, cancellation) =>
    {
        ExperimentRunner runner = new(report: null, interval) { _inputs = _inputs };
        try
        {
            return runner.Run(run, force: false, progress, cancellation);
        }
        finally
        {
            done(runner._made);
        }
    });

    /// <summary>
    /// Why the last run's hidden states weren't all stored in the experiment's files; null if they were, or if it has none.
    /// </summary>
    public string? ActivationProblem => _inputs.ActivationProblem;

    /// <summary>
    /// What the last run's hypernetwork started from, in words, and whether that was asked for; null where
    /// nothing was begun, or another method.
    /// </summary>
    public (string Words, bool IsAsked)? Start { get; private set; }

    /// <inheritdoc/>
    public void Dispose() => _inputs.Dispose();

    // The outcome is recorded in the folder.
    private ExperimentResult Attempt(ExperimentRun run, RunFolder folder, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        AtomicFile.Write(folder.File(RunFolder.DocumentFile), stream => stream.Write(Encoding.UTF8.GetBytes(run.Yaml)));
        _step = null;
        RunAttempt attempt = RunAttempt.Begin(folder);
        try
        {
            return Compute(run, folder, attempt, progress, cancellation);
        }
        catch (Exception e)
        {
            _made = attempt.End(e, _step);
            throw;
        }
    }

    private ExperimentResult Compute(
        ExperimentRun run, RunFolder folder, RunAttempt attempt, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        Experiment settings = run.Settings;
        IReadOnlyList<LayerCandidate>? layers = settings.Method.FindsLayer ? LayerFinder.Known(folder) : null;
        // A training resumes with the number formats with which it began, on any machine.
        NumberFormat? begun = TrainingState.FormatOf(folder.File(RunFolder.StateFolder));
        LanguageModel model = _inputs.Model(settings, progress, cancellation, begun);
        _inputs.AnswersFolder = PlanFolder.Answers(run.PlanPath);
        (RavelDataset dataset, IReadOnlyList<RavelDomain> domains) = _inputs.Dataset(settings, progress, cancellation);
        RunManifest manifest = RunManifest.Begin(run, model, dataset, ExperimentInputs.Sha256(settings.Data), attempt.Started)
            with { Layers = layers };
        manifest.Write(folder.File(RunFolder.ManifestFile));
        IReadOnlyList<ModelCheck> checks = _inputs.Checks(settings, progress, cancellation);
        ModelCheckFile.Write(checks, folder.File(RunFolder.ModelCheckFile));
        ModelChecks.ThrowIfFailed(checks, folder.File(RunFolder.ModelCheckFile));
        if (settings.Method.FindsLayer)
        {
            layers ??= Finder.Search(
                settings, folder.File(RunFolder.LayersFolder), null, force: false, worker: 0, done => attempt.Beside += done, progress,
                cancellation);
            manifest = manifest with { Layers = layers };
            manifest.Write(folder.File(RunFolder.ManifestFile));
            settings = LayerFinder.At(settings, layers[0].Layer);
            // A resumed run of the search may have reloaded the model.
            model = _inputs.Model(settings, progress, cancellation, begun);
        }

        FreedMemory.GiveBack();
        using TensorBoardRun? events = settings.Outputs.TensorBoard ? new TensorBoardRun(folder.File(RunFolder.TensorBoardFolder)) : null;
        TrainingResult trained = Train(settings, model, dataset, domains, folder, attempt, events, progress, cancellation);
        using Interpreter interpreter = (Interpreter)trained.Interpreter;
        if (settings.Outputs.Interpreter)
        {
            InterpreterStore.Save(interpreter, folder.File(RunFolder.InterpreterFolder));
        }
        FreedMemory.GiveBack();
        List<RavelScore> scores = Score(settings, interpreter, model, dataset, progress, cancellation);
        events?.Finish(trained.Steps, scores);
        manifest = manifest with
        {
            Finished = DateTimeOffset.UtcNow, Steps = trained.Steps, StartedFrom = trained.StartedFrom, Activations = trained.Activations,
            DurationSeconds = attempt.Duration.TotalSeconds,
        };
        manifest.Write(folder.File(RunFolder.ManifestFile));
        _made = attempt.End(AttemptEvent.Finished, trained.Steps);
        RavelScoreFile.Write(scores, folder.File(RunFolder.ScoresFile));
        folder.Remove(RunFolder.StateFolder);
        return folder.ReadResult(run) with { WasFinished = false };
    }

    private TrainingResult Train(
        Experiment settings, LanguageModel model, RavelDataset dataset, IReadOnlyList<RavelDomain> domains,
        RunFolder folder, RunAttempt attempt,
        TensorBoardRun? events, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        string metrics = folder.File(RunFolder.MetricsFile);
        // An interrupted run resumes here; the state of a finished training gives its result immediately.
        using TrainingState state = TrainingState.Open(folder.File(RunFolder.StateFolder), interval);
        MethodOptions asked = settings.Method.Options!;
        Start = state.Position is null && settings.Training.From is null
            ? MethodCatalog.Of(asked).Start(CompactDefaults.Settle(model.Config, asked), model)
            : null;
        state.Watcher = events;
        int from = state.Position?.Step ?? 0;
        _step = from;
        if (state.Position is not { IsFinished: true })
        {
            state.Planned = total => attempt.Trains(from, total);
        }
        ExperimentMethod method = settings.Method;
        TrainingRequest request = new(model, dataset, method.Options!)
        {
            Options = settings.Training,
            Domains = method.AllEntities ? domains : null,
            MetricsPath = metrics,
            State = state,
        };
        try
        {
            return InterpreterTraining.Run(request, progress, cancellation);
        }
        finally
        {
            _step = state.Position?.Step ?? from;
        }
    }

    private static List<RavelScore> Score(
        Experiment settings, Interpreter interpreter, LanguageModel model, RavelDataset dataset, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        // Without a learned selection, all modes are the same.
        ExperimentEvaluation evaluation = settings.Evaluation;
        RavelScoringOptions first = evaluation.Scoring with { Modes = [evaluation.Scoring.Modes[0]] };
        List<RavelScore> scores =
        [
            .. RavelScorer.Score(
                interpreter, dataset, evaluation.Split, interpreter.LearnsSelection ? evaluation.Scoring : first, progress, cancellation),
        ];
        if (evaluation.References.Count > 0)
        {
            TokenizedSplit examples = RavelScorer.Tokenize(model, dataset, evaluation.Split, cancellation);
            scores.AddRange(evaluation.References.SelectMany(method => RavelScorer.Score(
                model, settings.Method.Layer, method, examples, first, progress, cancellation)));
        }
        return scores;
    }
}
