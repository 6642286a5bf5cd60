using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods;

/// <summary>Determines whether a patched target model's answers are correct, teacher-forced.</summary>
internal static class LabelHits
{
    /// <summary>Answers a batch.</summary>
    /// <param name="interpreter">The interpreter that proposed the patch.</param>
    /// <param name="batch">The examples.</param>
    /// <param name="patch">The proposal.</param>
    /// <param name="applied">The applied selection weights, from <see cref="Interpreter.Select"/>.</param>
    /// <param name="labelTokens">Number of label tokens that count; null for all.</param>
    /// <returns>For each example, whether the most likely token is the label's at each of its first label tokens.</returns>
    internal static bool[] Of(Interpreter interpreter, InterchangeBatch batch, Patch patch, Tensor applied, int? labelTokens)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = interpreter.LabelLogits(batch, Interpreter.Edit(batch, patch, applied));
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
        // An example without label tokens has no answer; the original counted it as correct (docs/methods.md#tokens-and-what-is-visible).
        for (int n = 0; n < right.Length; n++)
        {
            right[n] &= seen[n] > 0;
        }
        return right;
    }
}
