using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Ravel;

/// <summary>
/// Tests facts with the target model itself: a fact is known when, given prompt and label, the most likely token at every label position is
/// the label's (docs/methods.md#pairs-as-hyperdas-draws-them). This equals greedy generation of the whole label.
/// </summary>
/// <param name="model">The target model, with its tokenizer.</param>
public sealed class ModelFactOracle(LanguageModel model) : IFactOracle
{
    // Few distinct shapes: oneDNN retains scratch memory for each one.
    private const int BucketWidth = 8;
    private const int RowMultiple = 8;
    private const int LabelMultiple = 64;
    private const int TokensPerBatch = 2048;
    private const int LogitsPerChunk = 1 << 25;

    private readonly PromptTokenizer _prompts = new(model.Tokenizer);

    /// <inheritdoc/>
    /// <exception cref="HyperDasException"><c>ModelDisposed</c>; <c>TokenIdInvalid</c> when tokenizer and model
    /// don't belong together.</exception>
    public bool[] Knows(IReadOnlyList<Fact> facts, CancellationToken cancellationToken = default) =>
        Answers([.. facts.Select(Ask)], cancellationToken);

    /// <summary>
    /// Whether the model would generate each text: every token after the prompt is the most likely one. False for a text without such a
    /// token.
    /// </summary>
    /// <param name="texts">Token ids of prompt and label, and the number of prompt tokens.</param>
    /// <param name="cancellationToken">Checked between batches.</param>
    internal bool[] Answers(IReadOnlyList<(int[] Ids, int PromptLength)> texts, CancellationToken cancellationToken = default)
    {
        model.ThrowIfDisposed();
        TorchRuntime.EnsureLoaded();
        Question[] questions = [.. texts.Select((text, index) => new Question(index, text.Ids, text.PromptLength))];
        bool[] known = new bool[texts.Count];
        foreach (IGrouping<int, Question> bucket in questions.Where(question => question.LabelLength > 0)
            .GroupBy(question => ShapeRounding.Round(question.Ids.Length, BucketWidth)).OrderBy(bucket => bucket.Key))
        {
            foreach (Question[] batch in bucket.Chunk(Math.Max(1, TokensPerBatch / bucket.Key)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                Answer(batch, bucket.Key, known);
            }
        }
        return known;
    }

    private (int[] Ids, int PromptLength) Ask(Fact fact)
    {
        int[] prompt = _prompts.Prompt(fact.Prompt);
        int[] label = _prompts.Label(fact.Prompt, fact.Label);
        return ([.. prompt, .. label], prompt.Length);
    }

    private void Answer(Question[] batch, int length, bool[] known)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        int[][] rows = new int[ShapeRounding.Round(batch.Length, RowMultiple)][];
        List<long> positions = [];
        for (int n = 0; n < rows.Length; n++)
        {
            rows[n] = batch[Math.Min(n, batch.Length - 1)].Ids;
        }
        for (int n = 0; n < batch.Length; n++)
        {
            for (int t = batch[n].PromptLength; t < batch[n].Ids.Length; t++)
            {
                positions.Add(((long)n * length) + t - 1);
            }
        }
        long[] likely = MostLikely(rows, length, positions);
        int next = 0;
        foreach (Question question in batch)
        {
            bool all = true;
            for (int t = question.PromptLength; t < question.Ids.Length; t++)
            {
                all &= likely[next++] == question.Ids[t];
            }
            known[question.Index] = all;
        }
    }

    /// <summary>The most likely next token at each position, counted through [rows, length].</summary>
    private long[] MostLikely(int[][] rows, int length, List<long> positions)
    {
        (Tensor ids, Tensor mask) = PaddedSequences.Right(rows, model.TorchDevice, length);
        Tensor hidden = model.StateAt(ids, mask, model.BlockCount); // [rows, length, d]
        long[] padded = new long[ShapeRounding.Round(positions.Count, LabelMultiple)];
        positions.CopyTo(padded);
        Tensor states = hidden.view(-1, model.HiddenSize).index_select(0, tensor(padded, device: model.TorchDevice));
        int chunk = Math.Max(LabelMultiple, LogitsPerChunk / model.VocabularySize);
        List<long> likely = new(padded.Length);
        for (int start = 0; start < padded.Length; start += chunk)
        {
            using DisposeScope step = NewDisposeScope();
            Tensor logits = model.Logits(states.narrow(0, start, Math.Min(chunk, padded.Length - start)));
            likely.AddRange(logits.argmax(-1).cpu().data<long>());
        }
        return [.. likely];
    }

    private sealed record Question(int Index, int[] Ids, int PromptLength)
    {
        internal int LabelLength => Ids.Length - PromptLength;
    }
}
