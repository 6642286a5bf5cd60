using HyperDas.Engine.Numerics;
using HyperDas.Engine.Training.States;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training.Pretraining;

/// <summary>
/// Manages the state of a pretraining: weights, moments, tokens, the smoothed loss, and the states of both random number generators. The
/// stream of batches isn't stored: drawing it again up to the same step costs a fraction of training on it.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="model">The weights.</param>
/// <param name="optimiser">Their optimiser.</param>
/// <param name="order">Draws the order of texts.</param>
/// <param name="masks">Draws masks and swaps.</param>
internal sealed class PretrainingKeeper(RunKeeper run, TrainableDecoder model, FlatAdamW optimiser, SeededRandom order, SeededRandom masks)
{
    /// <summary>Name of the counter for the number format of matrix products.</summary>
    public const string ComputedCounter = "computeDtype";

    private const string Moments =
        "moments/", StepCounter = "steps", TokenCounter = "tokens", LossCounter = "lossBits", Order = "order", Masks = "masks";

    private int _stepsOfFinished;

    /// <summary>Steps taken.</summary>
    public int Steps => Math.Max(_stepsOfFinished, optimiser.Steps);

    /// <summary>Tokens trained on.</summary>
    public long Tokens { get; set; }

    /// <summary>Smoothed loss; NaN before the first step.</summary>
    public double Loss { get; set; } = double.NaN;

    /// <summary>Resumes from a state, if there is one, and skips the batches that were already used.</summary>
    /// <param name="batches">The stream of batches, from its beginning.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    /// <exception cref="HyperDasException"><c>StateCorrupt</c>.</exception>
    public void Begin(IEnumerator<IReadOnlyList<PretrainingText>> batches, CancellationToken cancellation)
    {
        if (run.Saved is { } saved)
        {
            int steps = (int)saved.Counter(StepCounter);
            (Tokens, Loss) = (saved.Counter(TokenCounter), BitConverter.Int64BitsToDouble(saved.Counter(LossCounter)));
            model.Store.Restore(saved.Reader(RunKeeper.Parameters));
            if (saved.Header.Finished)
            {
                _stepsOfFinished = steps;
            }
            else
            {
                optimiser.Restore(steps, saved.Reader(Moments));
                Draw(saved, steps, batches, cancellation);
            }
        }
        run.Began();
    }

    /// <summary>Writes the state if it is due.</summary>
    public void Stepped()
    {
        if (run.IsDue(optimiser.Steps))
        {
            Write();
        }
    }

    /// <summary>Writes the state after a whole step.</summary>
    /// <param name="finished">Whether the training is finished; its state then lacks the parts that only a training needs.</param>
    public void Write(bool finished = false)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, long> counters = new()
        {
            [StepCounter] = optimiser.Steps,
            [TokenCounter] = Tokens,
            [ComputedCounter] = (long)model.Computed,
            [LossCounter] = BitConverter.DoubleToInt64Bits(Loss),
        };
        foreach ((string name, SeededRandom random) in new[] { (Order, order), (Masks, masks) })
        {
            for (int i = 0; i < random.State.Count; i++)
            {
                counters[$"{name}/{i}"] = unchecked((long)random.State[i]);
            }
        }
        run.Write(
            FormattableString.Invariant($"step {optimiser.Steps}, {Tokens} tokens"),
            counters,
            [.. RunKeeper.Named(RunKeeper.Parameters, model.Store.State()), .. finished ? [] : RunKeeper.Named(Moments, optimiser.State())],
            finished,
            optimiser.Steps);
    }

    private void Draw(SavedState saved, int steps, IEnumerator<IReadOnlyList<PretrainingText>> batches, CancellationToken cancellation)
    {
        for (int i = 0; i < steps; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            batches.MoveNext();
        }
        masks.State = Words(saved, Masks);
        if (!order.State.SequenceEqual(Words(saved, Order)))
        {
            throw StateHeader.Corrupt(saved.Path, "its texts were drawn in another order");
        }
    }

    private static ulong[] Words(SavedState saved, string name) =>
        [.. Enumerable.Range(0, 4).Select(i => unchecked((ulong)saved.Counter($"{name}/{i}")))];
}
