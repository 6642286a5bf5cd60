using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Evaluation;

/// <summary>
/// Greedy generation under an intervention (docs/methods.md#generation-under-an-edit). The edit is made in the prompt pass only: generated
/// tokens read its effect from the key/value cache and aren't edited themselves.
/// </summary>
internal static class EditedGeneration
{
    /// <summary>Generates.</summary>
    /// <param name="interpreter">Whose patch it is.</param>
    /// <param name="batch">The examples' batch.</param>
    /// <param name="examples">The same examples; their labels aren't read.</param>
    /// <param name="patch">What was proposed for them.</param>
    /// <param name="mode">How weights become a patch.</param>
    /// <param name="newTokens">Tokens to generate for each example; ends of text don't stop the others.</param>
    /// <returns>Per example exactly that many token ids.</returns>
    internal static int[][] Generate(
        Interpreter interpreter, InterchangeBatch batch, IReadOnlyList<TokenizedExample> examples, Patch patch,
        SelectionMode mode, int newTokens)
    {
        LanguageModel model = interpreter.Target;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        using KeyValueCache cache = new(model);
        int[][] prompts = [.. examples.Select(example => example.BaseIds[..example.PromptLength])];
        // Padding stays between prompt and new tokens; the mask hides it and positions don't count it.
        int width = ShapeRounding.Round(Math.Max(prompts.Max(prompt => prompt.Length), (int)patch.Weights.shape[2]));
        (Tensor ids, Tensor real) = PaddedSequences.Right(prompts, model.TorchDevice, width);
        Tensor mask = cat([real, ones([prompts.Length, newTokens], ScalarType.Int64, model.TorchDevice)], 1);
        Tensor ends = tensor(
            prompts.Select((prompt, n) => ((long)n * width) + prompt.Length - 1).ToArray(), ScalarType.Int64, model.TorchDevice);
        int[][] generated = [.. prompts.Select(_ => new int[newTokens])];
        for (int step = 0; step < newTokens; step++)
        {
            using DisposeScope stepScope = NewDisposeScope();
            int grown = step;
            if (step > 0 && prompts.Any(p => model.ForgetsAt(p.Length + grown)))
            {
                cache.Clear();
            }
            long past = cache.Length;
            BlockContext context = model.CreateContext(mask.narrow(1, 0, width + step), cache: cache);
            Tensor hidden = model.RunBlocks(
                model.Embed(ids.narrow(1, past, ids.shape[1] - past), context), 0, interpreter.Layer, context, cache);
            if (past == 0)
            {
                Tensor edited = Interpreter.Edit(batch with { BaseHidden = hidden.narrow(1, 0, width) }, patch, mode);
                hidden = step == 0 ? edited : cat([edited, hidden.narrow(1, width, step)], 1);
            }
            Tensor top = model.RunBlocks(hidden, interpreter.Layer, model.BlockCount, context, cache);
            Tensor last = step == 0 ? top.reshape(-1, top.shape[2]).index_select(0, ends) : top.select(1, -1);
            Tensor next = model.Logits(last).argmax(-1);
            long[] chosen = next.cpu().data<long>().ToArray();
            for (int n = 0; n < chosen.Length; n++)
            {
                generated[n][step] = (int)chosen[n];
            }
            Tensor longer = cat([ids, next.unsqueeze(1)], 1).MoveToOuterDisposeScope();
            ids.Dispose();
            ids = longer;
        }
        return generated;
    }
}
