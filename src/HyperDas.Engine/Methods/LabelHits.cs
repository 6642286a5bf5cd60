using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods;

/// <summary>Whether a patched target model answers right, teacher-forced.</summary>
internal static class LabelHits
{
    /// <summary>Answers a batch.</summary>
    /// <param name="interpreter">Who proposed the patch.</param>
    /// <param name="batch">The examples.</param>
    /// <param name="patch">The proposal.</param>
    /// <param name="applied">The selection weights that are applied, as <see cref="Interpreter.Select"/> gives them.</param>
    /// <param name="labelTokens">Label tokens that count; null for all.</param>
    /// <returns>Per example, whether the likeliest token is the label's at each of its first label tokens.</returns>
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
        // An example without label tokens proves nothing; the original counted it as right (docs/methods.md#tokens-and-what-is-visible).
        for (int n = 0; n < right.Length; n++)
        {
            right[n] &= seen[n] > 0;
        }
        return right;
    }
}
