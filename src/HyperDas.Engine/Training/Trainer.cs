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
    /// <summary>Trains in place.</summary>
    /// <param name="interpreter">What is trained.</param>
    /// <param name="examples">Training examples, each with at least one label token.</param>
    /// <param name="options">How.</param>
    /// <param name="cache">Hidden states for the interpreter's layer; null to make one for this training.</param>
    /// <param name="log">Called after every step.</param>
    /// <param name="progress">Told where the training stands.</param>
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

    /// <summary>Trains in place, or goes on, and keeps the state.</summary>
    /// <param name="interpreter">As for the public one.</param>
    /// <param name="examples">As for the public one.</param>
    /// <param name="options">As for the public one.</param>
    /// <param name="cache">As for the public one. Other trainings that used it before a stop must have been repeated in it.</param>
    /// <param name="log">As for the public one.</param>
    /// <param name="keeper">What keeps the state and knows what is done, or null.</param>
    /// <param name="plan">When to look at validation examples; null for never.</param>
    /// <param name="progress">As for the public one.</param>
    /// <param name="cancellation">As for the public one; the state is written before it throws.</param>
    /// <param name="keepStart">Whether the parameters that the training starts from are kept where nothing gets better.</param>
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
            // Before a state is taken over: a training that goes on looks again, at the same parameters.
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
                // A state that was written between the last step and the end has nothing left to do either.
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
            // Between two steps: whoever shows the progress may throw it as well. A step whose look was broken off is
            // taken again from the last state.
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

    // Brings the cache to where a training stands after so many steps. Where each epoch has examples of its
    // own, it begins each with nothing.
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
        Prefetch(cache, examples.Of(epoch), progress, cancellation);
        InterchangeBatchBuilder builder = Builder(interpreter, cache);
        foreach (TokenizedExample[] batch in Epoch(examples, options, epoch).Take(done - (epoch * perEpoch)))
        {
            builder.Touch(batch);
        }
    }

    // The batches of all steps that are left.
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
                Prefetch(cache, examples.Of(epoch), progress, cancellation);
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

    private static void Prefetch(ActivationCache cache, IReadOnlyList<TokenizedExample> examples, IProgress<WorkProgress>? progress,
        CancellationToken cancellation) =>
        cache.Prefetch(
            examples.SelectMany(e => new[] { e.BaseShown, e.SourceIds[..e.SourceVisible] }),
            examples.Select(e => e.BaseIds),
            progress,
            cancellation);

    /// <summary>
    /// Brings a cache to where a training left it, so that what it computes later comes from the same batches, without computing anything
    /// before <see cref="ActivationCache.Compute(IProgress{WorkProgress}?, CancellationToken)"/>.
    /// </summary>
    /// <param name="interpreter">What was trained.</param>
    /// <param name="examples">The examples of that training.</param>
    /// <param name="options">Its options.</param>
    /// <param name="cache">The cache.</param>
    /// <param name="steps">Steps that it took; more than it has means all.</param>
    /// <param name="progress">Told where the reading stands.</param>
    /// <param name="cancellation">Checked between batches.</param>
    internal static void Replay(
        Interpreter interpreter, IReadOnlyList<TokenizedExample> examples, TrainingOptions options, ActivationCache cache, int steps,
        IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        Prefetch(cache, examples, progress, cancellation);
        InterchangeBatchBuilder builder = Builder(interpreter, cache);
        TrainingExamples shown = new(examples);
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

    /// <summary>Steps of a training.</summary>
    /// <param name="examples">Examples in an epoch, at least one.</param>
    /// <param name="options">How it is trained.</param>
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
