using System.Diagnostics;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training.Groups;
using HyperDas.Engine.Training.Memory;
using HyperDas.Engine.Training.States;
using HyperDas.Engine.Training.Validation;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training;

/// <summary>Trains an interpreter on tokenised examples: order, batches, steps, metrics, progress and cancellation.</summary>
public static class Trainer
{
    /// <summary>Trains an interpreter in place.</summary>
    /// <param name="interpreter">The interpreter.</param>
    /// <param name="examples">Training examples, each with at least one label token.</param>
    /// <param name="options">Options of the training.</param>
    /// <param name="cache">Hidden states for the interpreter's layer; null to create a cache.</param>
    /// <param name="log">Called after every step.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Checked before every step.</param>
    /// <returns>Wall-clock time.</returns>
    /// <exception cref="HyperDasException"><c>DatasetEmpty</c>, <c>OptionInvalid</c>, <c>TrainingDiverged</c>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the interpreter holds the parameters of the last whole step.</exception>
    public static TimeSpan Train(
        Interpreter interpreter,
        IReadOnlyList<TokenizedExample> examples,
        TrainingOptions options,
        ActivationCache? cache = null,
        Action<TrainingStep>? log = null,
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default) =>
        Train(interpreter, new TrainingExamples(examples), options, cache, log, keeper: null, plan: null, progress, cancellation);

    /// <summary>Trains an interpreter in place, or resumes its training, and writes the state.</summary>
    /// <param name="interpreter">As for the public overload.</param>
    /// <param name="examples">As for the public overload.</param>
    /// <param name="options">As for the public overload.</param>
    /// <param name="cache">As for the public overload. Other trainings that used it before an interruption must have been replayed in
    /// it.</param>
    /// <param name="log">As for the public overload.</param>
    /// <param name="keeper">Manages the state and the completed steps, or null.</param>
    /// <param name="plan">When to validate; null for never.</param>
    /// <param name="progress">As for the public overload.</param>
    /// <param name="cancellation">As for the public overload; the state is written before it throws.</param>
    /// <param name="keepStart">Whether the initial parameters are kept if none of the later ones are better.</param>
    internal static TimeSpan Train(
        Interpreter interpreter,
        TrainingExamples examples,
        TrainingOptions options,
        ActivationCache? cache,
        Action<TrainingStep>? log,
        LoopKeeper? keeper,
        ValidationPlan? plan,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellation,
        bool keepStart = false)
    {
        interpreter.ThrowIfDisposed();
        Validate(examples.First, options);
        Stopwatch clock = Stopwatch.StartNew();
        using ActivationCache? own = cache is null ? interpreter.CreateCache(options.CacheBytes, shared: true) : null;
        ActivationCache states = cache ?? own!;
        if (options.Epochs == 0)
        {
            return clock.Elapsed;
        }
        int done = keeper?.StepsDone ?? 0, total = TotalSteps(examples.Count, options);
        if (done > 0)
        {
            states.Defer();
        }
        Return(interpreter, examples, options, states, done, progress, cancellation);
        states.Compute(progress, cancellation);
        InterchangeBatchBuilder builder = Builder(interpreter, states);
        BatchSplitter splitter = new(MemoryPredictor.StepOf(interpreter, options.Recompute == true), options.MemoryLimit);
        splitter.ThrowIfTooLarge(examples.First);
        GroupWeights? groups = options.WorstGroupExponent > 0
            ? new GroupWeights(examples.First, options.WorstGroupExponent, options.WorstGroupSignal)
            : null;
        using TrainingLoop loop = new(interpreter, options, total)
        {
            KeepsTokenLosses = groups is { Signal: GroupSignal.TrainingLoss },
        };
        using ValidationWatch? watch = plan is { Every: > 0 } ? new ValidationWatch(interpreter, plan, options) : null;
        watch?.Groups = groups;
        if (keepStart)
        {
            // Before a state is restored: a resumed training evaluates the same initial parameters again.
            watch?.LookAtStart(cancellation);
        }
        if (keeper is not null)
        {
            keeper.Watch = watch;
            keeper.Groups = groups;
            keeper.Begin(loop);
        }
        bool whole = true;
        TrainingProgress told = new(progress, interpreter.Method, done, total);
        try
        {
            foreach (TokenizedExample[] batch in Batches(interpreter, examples, options, states, done, total, progress, cancellation))
            {
                // A state written between the last step and the end has nothing left to train either.
                if (watch?.IsOver == true)
                {
                    break;
                }
                cancellation.ThrowIfCancellationRequested();
                using DisposeScope scope = NewDisposeScope();
                IReadOnlyList<TokenizedExample> shown = EntityOnly.Show(batch, options.EntityOnlyShare ?? 0, options.Seed, loop.Steps);
                shown = groups?.Weigh(shown) ?? shown;
                IReadOnlyList<Func<InterchangeBatch>> parts =
                    [.. splitter.Split(shown).Select(part => (Func<InterchangeBatch>)(() => builder.Build(part, shown)))];
                whole = false;
                TrainingStep step = loop.Step(
                    parts, shown.Count, shown.Sum(e => e.LabelLength), (double)loop.Steps / PerEpoch(examples.Count, options));
                groups?.Learn(shown, loop.TokenLosses.Span);
                step = watch?.Look(step, total, cancellation) ?? step;
                step = step with { Weights = groups?.Told(step.Step, total) };
                log?.Invoke(step);
                whole = true;
                keeper?.Stepped(loop);
                told.Report(step);
            }
        }
        catch (OperationCanceledException)
        {
            // Between two steps: the receiver of progress may also throw it. A step whose evaluation was cancelled is
            // repeated from the last state.
            if (whole)
            {
                keeper?.Write(loop);
            }
            throw;
        }
        FiniteCheck.ThrowIfDamaged(interpreter.Parameters, loop.Steps, loop.LearningRate);
        watch?.Finish();
        interpreter.TrainedWith = options;
        return clock.Elapsed;
    }

    // Replays the cache to the position of a training after so many steps. If each epoch has its own
    // examples, the cache is empty at the start of each.
    private static void Return(
        Interpreter interpreter, TrainingExamples examples, TrainingOptions options, ActivationCache cache, int done,
        IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        if (!examples.AreDrawnAnew)
        {
            Replay(interpreter, examples.First, options, cache, done, progress, cancellation);
            return;
        }
        int perEpoch = PerEpoch(examples.Count, options), epoch = Math.Min(done, TotalSteps(examples.Count, options) - 1) / perEpoch;
        Prefetch(cache, Used(examples, options, epoch), progress, cancellation);
        InterchangeBatchBuilder builder = Builder(interpreter, cache);
        foreach (TokenizedExample[] batch in Epoch(examples, options, epoch).Take(done - (epoch * perEpoch)))
        {
            builder.Touch(batch);
        }
    }

    // The batches of all remaining steps.
    private static IEnumerable<TokenizedExample[]> Batches(
        Interpreter interpreter, TrainingExamples examples, TrainingOptions options, ActivationCache cache, int done, int total,
        IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        int perEpoch = PerEpoch(examples.Count, options);
        for (int step = done, epoch = done / perEpoch; step < total; epoch++)
        {
            if (examples.AreDrawnAnew && step > done)
            {
                cache.Clear();
                Prefetch(cache, Used(examples, options, epoch), progress, cancellation);
            }
            foreach (TokenizedExample[] batch in Epoch(examples, options, epoch).Skip(step - (epoch * perEpoch)).Take(total - step))
            {
                yield return batch;
                step++;
            }
        }
    }

    private static IEnumerable<TokenizedExample[]> Epoch(TrainingExamples examples, TrainingOptions options, int epoch)
    {
        IReadOnlyList<TokenizedExample> own = examples.Of(epoch);
        return BatchOrder.Epoch(own, options.BatchSize, options.Seed, epoch, options.GroupByLength)
            .Select(indices => (TokenizedExample[])[.. indices.Select(i => own[i])]);
    }

    // Those that the training takes a step on in an epoch: a short training doesn't read the prompts of the others.
    private static IReadOnlyList<TokenizedExample> Used(TrainingExamples examples, TrainingOptions options, int epoch)
    {
        IReadOnlyList<TokenizedExample> own = examples.Of(epoch);
        int perEpoch = PerEpoch(own.Count, options), batches = TotalSteps(own.Count, options) - (epoch * perEpoch);
        return batches >= perEpoch
            ? own
            : [.. BatchOrder.Epoch(own, options.BatchSize, options.Seed, epoch, options.GroupByLength).Take(batches)
                .SelectMany(indices => indices).Order().Select(i => own[i])];
    }

    private static void Prefetch(ActivationCache cache, IReadOnlyList<TokenizedExample> examples, IProgress<WorkProgress>? progress,
        CancellationToken cancellation) =>
        cache.Prefetch(
            examples.SelectMany(e => new[] { e.BaseShown, e.SourceIds[..e.SourceVisible] }),
            examples.Select(e => e.BaseIds),
            progress,
            cancellation);

    /// <summary>
    /// Replays a training's accesses to a cache, so that later states are computed from the same batches, without computing anything before
    /// <see cref="ActivationCache.Compute(IProgress{WorkProgress}?, CancellationToken)"/>.
    /// </summary>
    /// <param name="interpreter">The trained interpreter.</param>
    /// <param name="examples">The examples of that training.</param>
    /// <param name="options">Its options.</param>
    /// <param name="cache">The cache.</param>
    /// <param name="steps">Number of steps that it took; a larger number than it has means all.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Checked between batches.</param>
    internal static void Replay(
        Interpreter interpreter, IReadOnlyList<TokenizedExample> examples, TrainingOptions options, ActivationCache cache, int steps,
        IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        TrainingExamples shown = new(examples);
        Prefetch(cache, Used(shown, options, epoch: 0), progress, cancellation);
        InterchangeBatchBuilder builder = Builder(interpreter, cache);
        foreach (TokenizedExample[] batch in Enumerable.Range(0, options.Epochs).SelectMany(epoch => Epoch(shown, options, epoch))
            .Take(Math.Min(steps, TotalSteps(examples.Count, options))))
        {
            cancellation.ThrowIfCancellationRequested();
            builder.Touch(batch);
        }
    }

    private static InterchangeBatchBuilder Builder(Interpreter interpreter, ActivationCache cache) =>
        new(interpreter.Target, cache, interpreter.Layer, interpreter.NormedLastLayerSource, ShapeRounding.LengthMultiple);

    private static int PerEpoch(int examples, TrainingOptions options) => ((examples - 1) / options.BatchSize) + 1;

    /// <summary>Number of steps of a training.</summary>
    /// <param name="examples">Examples in an epoch, at least one.</param>
    /// <param name="options">Options of the training.</param>
    internal static int TotalSteps(int examples, TrainingOptions options) =>
        (int)Math.Min((long)PerEpoch(examples, options) * options.Epochs, options.MaxSteps ?? int.MaxValue);

    private static void Validate(IReadOnlyList<TokenizedExample> examples, TrainingOptions options)
    {
        if (examples.Count == 0)
        {
            throw new HyperDasException(
                "DatasetEmpty", HyperDasErrorKind.InvalidArgument, "The dataset has no training examples.", examples);
        }
        OptionLaw.ThrowIfBroken(options);
    }
}
