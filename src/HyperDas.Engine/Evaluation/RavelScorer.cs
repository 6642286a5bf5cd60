using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Evaluation;

/// <summary>
/// Scores interpreters on interchange examples (spec/hyperdas section 7): teacher-forced, an example is right when the most likely token
/// is the label's at each of its first label tokens.
/// </summary>
public static class RavelScorer
{
    /// <summary>Label tokens that count, as in the original's evaluation.</summary>
    public const int DefaultLabelTokens = 3;

    private const int LengthMultiple = 4;

    /// <summary>Scores an interpreter on one split of a dataset: what <c>Measure-RavelScore</c> calls.</summary>
    /// <param name="interpreter">What is scored.</param>
    /// <param name="dataset">The examples.</param>
    /// <param name="split">Which of them.</param>
    /// <param name="modes">Selection modes; all come from one proposal.</param>
    /// <param name="progress">Told where the scoring stands.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    /// <returns>Mode by mode: a score per target attribute and, last, their mean.</returns>
    /// <exception cref="HyperDasException"><c>DatasetEmpty</c>, <c>InterpreterDisposed</c>.</exception>
    public static IReadOnlyList<RavelScore> Score(
        Interpreter interpreter,
        RavelDataset dataset,
        RavelSplit split,
        IReadOnlyList<SelectionMode> modes,
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        interpreter.ThrowIfDisposed();
        IReadOnlyList<(RavelExample Example, TokenizedExample Tokens)> usable =
            new RavelCollator(interpreter.Target.Tokenizer, interpreter.Collation).TokenizeUsable(dataset.Split(split));
        if (usable.Count == 0)
        {
            throw new HyperDasException("DatasetEmpty", HyperDasErrorKind.InvalidArgument, $"The dataset '{dataset.Name}' has no {split} examples to score.", dataset);
        }
        RavelExample[] examples = [.. usable.Select(e => e.Example)];
        IReadOnlyDictionary<SelectionMode, bool[]> answers =
            Answers(interpreter, [.. usable.Select(e => e.Tokens)], modes, progress: progress, cancellation: cancellation);
        return [.. answers.SelectMany(a => Scores(interpreter, examples, a.Value, a.Key))];
    }

    /// <summary>Whether each example is answered right, for several selection modes from one proposal.</summary>
    /// <param name="interpreter">What is scored.</param>
    /// <param name="examples">Tokenised examples, each with at least one label token.</param>
    /// <param name="modes">Selection modes.</param>
    /// <param name="cache">Hidden states for the interpreter's layer; null to make one.</param>
    /// <param name="batchSize">Examples at a time.</param>
    /// <param name="labelTokens">Label tokens that count; null for all.</param>
    /// <param name="progress">Told where the scoring stands.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    /// <returns>Per mode, in the order of the examples.</returns>
    public static IReadOnlyDictionary<SelectionMode, bool[]> Answers(
        Interpreter interpreter,
        IReadOnlyList<TokenizedExample> examples,
        IReadOnlyList<SelectionMode> modes,
        ActivationCache? cache = null,
        int batchSize = 64,
        int? labelTokens = DefaultLabelTokens,
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        interpreter.ThrowIfDisposed();
        using ActivationCache? own = cache is null ? interpreter.CreateCache() : null;
        InterchangeBatchBuilder builder = new(interpreter.Target, cache ?? own!, interpreter.Layer, interpreter.NormedLastLayerSource, LengthMultiple);
        Dictionary<SelectionMode, bool[]> answers = modes.Distinct().ToDictionary(m => m, _ => new bool[examples.Count]);
        int done = 0;
        using (no_grad())
        {
            // Similar lengths together waste less on padding; results don't depend on it unless the faithful options say so.
            foreach (int[] indices in Enumerable.Range(0, examples.Count).OrderBy(i => examples[i].BaseIds.Length).Chunk(batchSize))
            {
                cancellation.ThrowIfCancellationRequested();
                using DisposeScope scope = NewDisposeScope();
                InterchangeBatch batch = builder.Build([.. indices.Select(i => examples[i])]);
                Patch patch = interpreter.Propose(batch);
                foreach ((SelectionMode mode, bool[] right) in answers)
                {
                    bool[] batchRight = Right(interpreter, batch, patch, mode, labelTokens);
                    for (int n = 0; n < indices.Length; n++)
                    {
                        right[indices[n]] = batchRight[n];
                    }
                }
                done += indices.Length;
                progress?.Report(new WorkProgress($"Scoring {interpreter.Method}", $"{done} of {examples.Count} examples", done, examples.Count));
            }
        }
        return answers;
    }

    /// <summary>Scores per target attribute and, last, their mean.</summary>
    /// <param name="interpreter">What was scored.</param>
    /// <param name="examples">The examples.</param>
    /// <param name="answers">Whether each was answered right.</param>
    /// <param name="mode">The selection mode that gave the answers.</param>
    public static IReadOnlyList<RavelScore> Scores(
        Interpreter interpreter, IReadOnlyList<RavelExample> examples, IReadOnlyList<bool> answers, SelectionMode mode)
    {
        List<RavelScore> scores = [];
        foreach (IGrouping<(string Domain, string Attribute), int> group in Enumerable.Range(0, examples.Count)
            .GroupBy(i => (examples[i].Domain, examples[i].Attribute)))
        {
            int[] cause = [.. group.Where(i => examples[i].Kind == RavelExampleKind.Cause)];
            int[] isolate = [.. group.Where(i => examples[i].Kind == RavelExampleKind.Isolate)];
            scores.Add(new RavelScore
            {
                Domain = group.Key.Domain,
                Attribute = group.Key.Attribute,
                Method = interpreter.Method,
                SelectionMode = mode,
                Cause = Percent(cause),
                Isolate = Percent(isolate),
                CauseCount = cause.Length,
                IsolateCount = isolate.Length,
            });
        }
        if (scores.Count > 0)
        {
            scores.Add(Mean(scores));
        }
        return scores;

        double Percent(int[] indices) => indices.Length == 0 ? double.NaN : 100.0 * indices.Count(i => answers[i]) / indices.Length;
    }

    private static RavelScore Mean(List<RavelScore> scores) => scores[0] with
    {
        Domain = scores.All(s => s.Domain == scores[0].Domain) ? scores[0].Domain : RavelScore.All,
        Attribute = RavelScore.All,
        Cause = scores.Where(s => s.CauseCount > 0).Select(s => s.Cause).DefaultIfEmpty(double.NaN).Average(),
        Isolate = scores.Where(s => s.IsolateCount > 0).Select(s => s.Isolate).DefaultIfEmpty(double.NaN).Average(),
        CauseCount = scores.Sum(s => s.CauseCount),
        IsolateCount = scores.Sum(s => s.IsolateCount),
    };

    private static bool[] Right(Interpreter interpreter, InterchangeBatch batch, Patch patch, SelectionMode mode, int? labelTokens)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = interpreter.LabelLogits(batch, Interpreter.Edit(batch, patch, mode));
        bool[] hits = (logits.argmax(-1) == batch.Labels).cpu().data<bool>().ToArray();
        bool[] right = new bool[batch.Count];
        int[] seen = new int[batch.Count];
        Array.Fill(right, true);
        for (int i = 0; i < hits.Length; i++)
        {
            int example = batch.LabelExamples[i];
            if (seen[example]++ < (labelTokens ?? int.MaxValue))
            {
                right[example] &= hits[i];
            }
        }
        // An example without label tokens proves nothing; the original counted it as right (spec 11-B4).
        for (int n = 0; n < right.Length; n++)
        {
            right[n] &= seen[n] > 0;
        }
        return right;
    }
}
