using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training.Memory;
using HyperDas.Engine.Training.States;
using HyperDas.Engine.Training.Validation;

namespace HyperDas.Engine.Training;

/// <summary>Trains one interpreter on the examples of all concepts together, with periodic validation.</summary>
/// <param name="request">The training.</param>
internal sealed class JointTraining(TrainingRequest request) : TrainingWay(request)
{
    // Without it an attribute whose templates begin like another's is lost on templates that training never saw (docs/trials.md).
    private const double DescribedEntityOnlyShare = 0.5;

    // With many descriptions of few concepts, the words are learned late and by heart without it (docs/trials.md).
    private const double DescribedContrastWeight = 0.3;

    private TrainingExamples? _examples;
    private ValidationPlan? _plan;
    private string? _start;

    /// <inheritdoc/>
    public override TrainingOptions? TrainedWith => Options.Epochs == 0 ? null : Options;

    /// <inheritdoc/>
    public override (double Bytes, int Epochs) States =>
        (MemoryPredictor.StateBytes(Request.Model, Request.Method, _examples!.First), _examples.AreDrawnAnew ? Options.Epochs : 1);

    /// <summary>The training examples of a dataset in the first epoch.</summary>
    /// <param name="request">The training.</param>
    internal static IReadOnlyList<TokenizedExample> Examples(TrainingRequest request) =>
        Shown(request, request.Options, CancellationToken.None).First;

    /// <inheritdoc/>
    public override Interpreter Begin(CancellationToken cancellation)
    {
        TrainingStart? from = Request.From ?? (Request.Options.From is { } folder ? TrainingStart.At(folder) : null);
        from?.ThrowIfOfOther(Request.Model);
        from?.ThrowIfOfOtherShape((HypernetworkOptions)Request.Method);
        // Its content counts, not its location.
        TrainingOptions options = Request.Options with { From = null };
        // A training of an earlier version resumes as it began.
        options = Request.State?.IsOfBeforeValidation == true
            ? options with { DrawAnew = false, ValidateEvery = 0, KeepBest = false }
            : options;
        options = options with
        {
            EntityOnlyShare = options.EntityOnlyShare ?? Request.State?.EntityOnlyShare
                ?? (Request.Dataset.IsDescribed ? DescribedEntityOnlyShare : 0),
            ContrastWeight = options.ContrastWeight ?? Request.State?.ContrastWeight
                ?? (Request.Dataset.IsDescribed ? DescribedContrastWeight : 0),
        };
        _examples = Shown(Request, options, cancellation);
        _plan = Plan(options);
        ThrowIfNothingIsSeen(options);
        Options = Settled(options);
        MemoryPredictor.ThrowIfTooLarge(
            Request.Model, Request.Method, _examples.First, Options, [.. _plan.Rows.Select(row => row.Tokens)]);
        Interpreter interpreter = Description.Create(Request.Model, Request.Method, [], Options.Seed);
        try
        {
            _start = from?.CopyTo((HyperDasInterpreter)interpreter);
            return interpreter;
        }
        catch
        {
            interpreter.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override StateFingerprint Fingerprint(StateFingerprint fingerprint) => fingerprint.AddContent("Dataset", Request.Dataset.Train)
        .AddIf(_start is not null, f => f.Add("From", _start!))
        .AddIf(_examples!.AreDrawnAnew, f => f.AddPool(Request.Dataset.Pool!))
        .AddIf(_plan!.Every > 0, f => f.AddContent("Validation", _plan.Rows.Select(row => row.Example).ToArray()));

    /// <inheritdoc/>
    public override void Train(
        Interpreter interpreter, ActivationCache cache, RunKeeper keeper, IProgress<WorkProgress>? progress,
        CancellationToken cancellation) =>
        Trainer.Train(
            interpreter, _examples!, Options, cache, keeper.Record, new LoopKeeper(keeper, interpreter), _plan, progress, cancellation,
            keepStart: _start is not null);

    /// <inheritdoc/>
    public override void LearnWords(Interpreter interpreter, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        // A large target would take hours on a processor: an export with the dataset does it on request.
        interpreter.LearnWords(
            Request.Dataset, WeightShapes.Count(interpreter.Target.Config) <= CompactDefaults.TargetLimit, progress, cancellation);

    /// <inheritdoc/>
    public override TrainingResult Complete(TrainingResult result)
    {
        TrainingStep? best = result.Metrics.LastOrDefault(
            step => Options.KeepBest ? step.Validation is { IsBest: true } : step.Validation is not null);
        return result with
        {
            StartedFrom = _start,
            BestStep = !Options.KeepBest ? result.Steps : best?.Step ?? (_start is null ? result.Steps : 0),
            Validation = best?.Validation,
        };
    }

    private static RavelCollator Collator(TrainingRequest request) =>
        new(request.Model.Tokenizer, MethodCatalog.Of(request.Method).Collation(request.Method), request.Dataset);

    private static TrainingExamples Shown(TrainingRequest request, TrainingOptions options, CancellationToken cancellation)
    {
        RavelCollator collator = Collator(request);
        IReadOnlyList<(RavelExample Example, TokenizedExample Tokens)> rows = request.Rows(cancellation).Usable;
        IReadOnlyList<TokenizedExample> first = Show([.. rows.Select(row => row.Tokens)], epoch: 0);
        if (!options.DrawAnew || options.Epochs < 2 || request.Dataset.Pool is not { } pool || rows.Count == 0)
        {
            return new TrainingExamples(first);
        }
        EpochPairs pairs = new(pool, rows.Select(row => row.Example), collator, options.Seed);
        return new TrainingExamples(first, epoch => Show(pairs.Draw(epoch, cancellation), epoch));

        IReadOnlyList<TokenizedExample> Show(IReadOnlyList<TokenizedExample> examples, int epoch) =>
            WholePrompts.Show(examples, options.WholePromptShare, options.Seed, epoch);
    }

    private ValidationPlan Plan(TrainingOptions options) => _examples!.Count == 0 || options.Epochs < 1 || options.BatchSize < 1
        ? new ValidationPlan(0, [])
        : ValidationPlan.Of(
            Collator(Request).TokenizeUsable(Request.Dataset.Val), options, _examples.Count, Trainer.TotalSteps(_examples.Count, options));

    private void ThrowIfNothingIsSeen(TrainingOptions options)
    {
        if (options is { WorstGroupExponent: > 0, WorstGroupSignal: GroupSignal.ValidationError, Epochs: > 0 } && _plan!.Every == 0)
        {
            throw new HyperDasException(
                "OptionInvalid", HyperDasErrorKind.InvalidArgument,
                $"WorstGroupSignal is ValidationError, but there is no validation: the dataset '{Request.Dataset.Name}' has "
                + $"{Request.Dataset.ValCount} validation rows and ValidateEvery is {options.ValidateEvery?.ToString() ?? "null"}. "
                + "Turn validation on, or use TrainingLoss.", options);
        }
    }

    // Options without anything to apply to are reset, also in the state's fingerprint.
    private TrainingOptions Settled(TrainingOptions options)
    {
        options = _examples!.AreDrawnAnew ? options : options with { DrawAnew = false };
        return _plan!.Every > 0
            ? options with { ValidateEvery = _plan.Every }
            : options with { ValidateEvery = 0, ValidationShare = 0, KeepBest = false, Patience = null };
    }
}
