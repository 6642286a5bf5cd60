using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training.Pretraining;

/// <summary>
/// One step's texts as tensors, padded on the right: causality hides the padding from everything that contributes to the loss.
/// </summary>
/// <param name="Ids"><c>[batch, sequence]</c>, int64.</param>
/// <param name="MaskBelow">Additive scores <c>[batch, 1, sequence, sequence]</c> of the blocks below
/// <paramref name="ReadingBlock"/>.</param>
/// <param name="MaskAbove">The same for the blocks from <paramref name="ReadingBlock"/> on.</param>
/// <param name="ReadingBlock">Index of the first block in which masked texts read the entity.</param>
/// <param name="FeedForwardScale"><c>[batch, 1, 1]</c>: 0 where a text skips the feed-forward layers from
/// <paramref name="ReadingBlock"/> on, else 1.</param>
/// <param name="Rows">Positions that contribute to the loss, <c>[rows]</c>, as indices into the flattened batch.</param>
/// <param name="Targets">The next tokens at these positions, <c>[rows]</c>.</param>
/// <param name="Weights">Loss weights that sum to 1, <c>[rows]</c>.</param>
/// <param name="Swap">Interchange at the input of <paramref name="ReadingBlock"/>, or null.</param>
internal sealed record PretrainingBatch(
    Tensor Ids,
    Tensor MaskBelow,
    Tensor MaskAbove,
    int ReadingBlock,
    Tensor FeedForwardScale,
    Tensor Rows,
    Tensor Targets,
    Tensor Weights,
    PretrainingSwap? Swap)
{
    // Multiple to which lengths are rounded up: every distinct bfloat16 shape costs memory in oneDNN.
    private const int RowMultiple = 64;

    // Prompt tokens contribute a little to the loss, too: the model must learn the language of its prompts.
    private const double PromptShare = 0.15;
    private const float PromptWeight = 0.2f;

    /// <summary>Padded length of a text. Its last token is never an input.</summary>
    public static int PaddedLength(PretrainingText text) => ShapeRounding.Round(text.Ids.Length - 1);

    /// <summary>Builds a batch; the tensors belong to the caller's dispose scope.</summary>
    /// <param name="texts">Texts of the same padded length.</param>
    /// <param name="options">How texts are masked.</param>
    /// <param name="random">Source of randomness for masks and for the prompt tokens that contribute to the loss.</param>
    /// <param name="swap">The interchange, with which every text is masked: what is swapped must be what is read.</param>
    public static PretrainingBatch Create(
        IReadOnlyList<PretrainingText> texts, PretrainingOptions options, SeededRandom random, PretrainingSwap? swap = null)
    {
        int length = swap?.Length ?? PaddedLength(texts[0]);
        long[] ids = new long[texts.Count * length];
        float[] below = new float[texts.Count * length * length], above = new float[below.Length], scale = new float[texts.Count];
        List<long> rows = [], targets = [];
        List<float> weights = [];
        bool[] dropped = new bool[length];
        for (int n = 0; n < texts.Count; n++)
        {
            PretrainingText text = texts[n];
            bool masked = swap is not null || random.NextDouble() < options.EntityMaskProbability;
            scale[n] = random.NextDouble() < options.ReadingSkipProbability ? 0 : 1;
            Drop(dropped, text, options, random);
            int square = length * length;
            EntityMask.Write(
                below.AsSpan(n * square, square), length, text, masked ? EntityMask.View.Nothing : EntityMask.View.Whole, dropped);
            EntityMask.Write(
                above.AsSpan(n * square, square), length, text, masked ? EntityMask.View.LastToken : EntityMask.View.Whole, dropped);
            for (int t = 0; t + 1 < text.Ids.Length; t++)
            {
                ids[(n * length) + t] = text.Ids[t];
                bool value = t + 1 >= text.ValueStart;
                if (value || random.NextDouble() < PromptShare)
                {
                    rows.Add((n * length) + t);
                    targets.Add(text.Ids[t + 1]);
                    weights.Add(value ? 1 : PromptWeight);
                }
            }
        }
        while (rows.Count % RowMultiple != 0)
        {
            rows.Add(0);
            targets.Add(0);
            weights.Add(0);
        }
        using DisposeScope scope = NewDisposeScope();
        Tensor weight = tensor(weights.ToArray());
        return new PretrainingBatch(
            tensor(ids, [texts.Count, length]).MoveToOuterDisposeScope(),
            tensor(below, [texts.Count, 1, length, length]).MoveToOuterDisposeScope(),
            tensor(above, [texts.Count, 1, length, length]).MoveToOuterDisposeScope(),
            options.ReadingLayer,
            tensor(scale, [texts.Count, 1, 1]).MoveToOuterDisposeScope(),
            tensor(rows.ToArray()).MoveToOuterDisposeScope(),
            tensor(targets.ToArray()).MoveToOuterDisposeScope(),
            (weight / weight.sum()).MoveToOuterDisposeScope(),
            swap);
    }

    private static void Drop(bool[] dropped, PretrainingText text, PretrainingOptions options, SeededRandom random)
    {
        Array.Clear(dropped);
        if (options.PromptDropProbability == 0 || random.Next(2) == 0)
        {
            return;
        }
        // Never the beginning of the sequence, the entity or the value.
        for (int t = 1; t < Math.Min(text.ValueStart, dropped.Length); t++)
        {
            dropped[t] = (t < text.EntityStart || t > text.EntityEnd) && random.NextDouble() < options.PromptDropProbability;
        }
    }
}
