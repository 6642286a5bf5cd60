using System.Diagnostics;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training;

/// <summary>Trains an interpreter on tokenised examples: order, batches, steps, metrics, progress and cancellation.</summary>
public static class Trainer
{
    // Shapes are rounded up to this, so that few of them occur (findings: every distinct shape costs memory in oneDNN).
    private const int LengthMultiple = 4;

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
        CancellationToken cancellation = default)
    {
        interpreter.ThrowIfDisposed();
        Validate(examples, options);
        Stopwatch clock = Stopwatch.StartNew();
        using ActivationCache? own = cache is null ? interpreter.CreateCache(options.CacheBytes) : null;
        ActivationCache states = cache ?? own!;
        if (options.Epochs == 0)
        {
            return clock.Elapsed;
        }
        states.Prefetch(
            examples.SelectMany(e => new[] { e.BaseShown, e.SourceIds[..e.SourceVisible] }),
            examples.Select(e => e.BaseIds),
            progress,
            cancellation);
        InterchangeBatchBuilder builder = new(interpreter.Target, states, interpreter.Layer, interpreter.NormedLastLayerSource, LengthMultiple);
        int perEpoch = (examples.Count + options.BatchSize - 1) / options.BatchSize;
        int total = Math.Min(perEpoch * options.Epochs, options.MaxSteps ?? int.MaxValue);
        using TrainingLoop loop = new(interpreter, options, total);
        Stopwatch stepping = Stopwatch.StartNew();
        for (int epoch = 0; loop.Steps < total; epoch++)
        {
            foreach (int[] indices in BatchOrder.Epoch(examples, options.BatchSize, options.Seed, epoch, options.GroupByLength))
            {
                cancellation.ThrowIfCancellationRequested();
                using DisposeScope scope = NewDisposeScope();
                TrainingStep step = loop.Step(builder.Build(EntityOnly.Show([.. indices.Select(i => examples[i])], options.EntityOnlyShare, options.Seed, loop.Steps)), (double)loop.Steps / perEpoch);
                log?.Invoke(step);
                TimeSpan left = stepping.Elapsed / loop.Steps * (total - loop.Steps);
                progress?.Report(new WorkProgress(
                    $"Training {interpreter.Method}", FormattableString.Invariant($"step {step.Step} of {total}, loss {step.Loss:F3}"), loop.Steps, total, left));
                if (loop.Steps == total)
                {
                    break;
                }
            }
        }
        interpreter.TrainedWith = options;
        return clock.Elapsed;
    }

    private static void Validate(IReadOnlyList<TokenizedExample> examples, TrainingOptions options)
    {
        if (examples.Count == 0)
        {
            throw new HyperDasException("DatasetEmpty", HyperDasErrorKind.InvalidArgument, "The dataset has no training examples.", examples);
        }
        Require(options.Epochs >= 0, nameof(options.Epochs), options.Epochs, "at least 0");
        Require(options.BatchSize >= 1, nameof(options.BatchSize), options.BatchSize, "at least 1");
        Require(options.MaxSteps is null or >= 1, nameof(options.MaxSteps), options.MaxSteps ?? 0, "at least 1");
        Require(double.IsFinite(options.LearningRate) && options.LearningRate > 0, nameof(options.LearningRate), options.LearningRate, "above 0");
        Require(options.EntityOnlyShare is >= 0 and <= 1, nameof(options.EntityOnlyShare), options.EntityOnlyShare, "0 to 1");
        Require(options.ClipNorm > 0, nameof(options.ClipNorm), options.ClipNorm, "above 0");
        Require(options.TemperatureStart > 0 && options.TemperatureEnd > 0, nameof(options.TemperatureEnd), options.TemperatureEnd, "above 0, like the start");

        static void Require(bool holds, string name, double value, string right)
        {
            if (!holds)
            {
                throw new HyperDasException("OptionInvalid", HyperDasErrorKind.InvalidArgument, $"{name} is {value}; it must be {right}.", value);
            }
        }
    }
}
