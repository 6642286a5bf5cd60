using HyperDas.Engine.LanguageModels;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Reference;

/// <summary>
/// Whole passes of the target model, logits of every token included, as the original runs four of in a step
/// (docs/methods.md#the-original-computed-the-long-way). The blocks themselves are the engine's: what is compared is how much of them is
/// run.
/// </summary>
internal static class ReferenceTarget
{
    /// <summary>All hidden states.</summary>
    /// <param name="model">The target model.</param>
    /// <param name="prompts">Token sequences.</param>
    /// <returns>Hugging Face's L + 1 states, the last one normed, <c>[batch, tokens, L + 1, d]</c>, and the last block's
    /// output before that norm.</returns>
    public static (Tensor States, Tensor Top) AllStates(LanguageModel model, ReferencePrompts prompts)
    {
        using DisposeScope scope = NewDisposeScope();
        BlockContext context = model.CreateContext(prompts.Real);
        List<Tensor> states = [model.Embed(prompts.Ids, context)];
        for (int block = 0; block < model.BlockCount; block++)
        {
            states.Add(model.RunBlocks(states[block], block, block + 1, context));
        }
        Tensor top = states[^1];
        states[^1] = model.FinalNorm(top);
        // Nobody reads them, but the original has them computed in every pass.
        model.Logits(top);
        return (stack(states, 2).MoveToOuterDisposeScope(), top.MoveToOuterDisposeScope());
    }

    /// <summary>A whole pass with a change at one layer.</summary>
    /// <param name="model">The target model.</param>
    /// <param name="prompts">Token sequences.</param>
    /// <param name="layer">ℓ, 0 to L.</param>
    /// <param name="edit">Gets hidden state ℓ, <c>[batch, tokens, d]</c>, and returns what takes its place.</param>
    /// <returns>Logits of every token, float32, <c>[batch, tokens, vocabulary]</c>.</returns>
    public static Tensor Edited(LanguageModel model, ReferencePrompts prompts, int layer, Func<Tensor, Tensor> edit)
    {
        using DisposeScope scope = NewDisposeScope();
        BlockContext context = model.CreateContext(prompts.Real);
        Tensor hidden = edit(model.RunBlocks(model.Embed(prompts.Ids, context), 0, layer, context));
        return model.Logits(model.RunBlocks(hidden, layer, model.BlockCount, context)).MoveToOuterDisposeScope();
    }
}
