using HyperDas.Engine.LanguageModels;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Evaluation.Checks;

/// <summary>
/// The ways in which the engine runs a model, each with the code of training, interventions and generation. All return vectors for every
/// token of every sequence, without padding, in the caller's dispose scope.
/// </summary>
/// <param name="model">The model.</param>
internal class ModelPaths(LanguageModel model)
{
    /// <summary>The model.</summary>
    public LanguageModel Model => model;

    /// <summary>Hidden states of all layers, after the final norm at the last, as one padded batch.</summary>
    /// <param name="sequences">Token ids.</param>
    /// <param name="left">Whether the padding is on the left.</param>
    /// <returns>For each sequence <c>[L + 1, tokens, d]</c>.</returns>
    public virtual IReadOnlyList<Tensor> States(IReadOnlyList<int[]> sequences, bool left)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor ids, Tensor mask) = Pad(sequences, left);
        Tensor states = stack(model.HiddenStates(ids, mask), 1);
        return
        [
            .. sequences.Select((s, n) => states[n].narrow(1, left ? states.shape[2] - s.Length : 0, s.Length).MoveToOuterDisposeScope())
        ];
    }

    /// <summary>Logits of a whole run as one padded batch.</summary>
    /// <param name="sequences">Token ids.</param>
    /// <param name="left">Whether the padding is on the left.</param>
    /// <returns>For each sequence <c>[tokens, vocabulary]</c>.</returns>
    public virtual IReadOnlyList<Tensor> Logits(IReadOnlyList<int[]> sequences, bool left)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor ids, Tensor mask) = Pad(sequences, left);
        Tensor hidden = model.StateAt(ids, mask, model.BlockCount);
        return
        [
            .. sequences.Select((s, n) => model.Logits(hidden[n].narrow(0, left ? hidden.shape[1] - s.Length : 0, s.Length))
                .MoveToOuterDisposeScope())
        ];
    }

    /// <summary>Hidden states at a layer as training reads them, from the activation cache; before the final norm.</summary>
    /// <param name="sequences">Token ids.</param>
    /// <param name="layer">Intervention layer.</param>
    /// <returns><c>[batch, tokens, d]</c>, padded on the right.</returns>
    public virtual Tensor LayerStates(IReadOnlyList<int[]> sequences, int layer)
    {
        using ActivationCache cache = new(model, layer, StackDepth.InterventionLayer);
        return cache.Layers(sequences, sequences.Max(s => s.Length));
    }

    /// <summary>Logits of a run that continues from the hidden states at a layer, as in training.</summary>
    /// <param name="sequences">Token ids.</param>
    /// <param name="layer">Intervention layer.</param>
    /// <returns>For each sequence <c>[tokens, vocabulary]</c>.</returns>
    public virtual IReadOnlyList<Tensor> PartialLogits(IReadOnlyList<int[]> sequences, int layer)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = LayerStates(sequences, layer), mask = Pad(sequences, left: false).Mask;
        Tensor columns = arange(hidden.shape[1], ScalarType.Int64, model.TorchDevice).expand(hidden.shape[0], -1);
        Tensor top = model.RunBlocksAt(hidden, layer, model.CreateContext(mask), columns);
        return [.. sequences.Select((s, n) => model.Logits(top[n].narrow(0, 0, s.Length)).MoveToOuterDisposeScope())];
    }

    /// <summary>Logits of a run that processes the prompts at once and their continuations token by token, as in generation.</summary>
    /// <param name="prompts">Token ids of each prompt.</param>
    /// <param name="answers">The continuation of each prompt, with equal numbers of tokens.</param>
    /// <returns>For each prompt <c>[tokens, vocabulary]</c>: its own and its continuation's tokens.</returns>
    public virtual IReadOnlyList<Tensor> CachedLogits(IReadOnlyList<int[]> prompts, IReadOnlyList<int[]> answers)
    {
        using DisposeScope scope = NewDisposeScope();
        using KeyValueCache cache = new(model.BlockCount);
        (Tensor read, Tensor real) = Pad(prompts, left: false);
        (Tensor said, Tensor follows) = Pad(answers, left: false);
        Tensor ids = cat([read, said], 1), mask = cat([real, follows], 1);
        List<Tensor> parts = [];
        for (long done = 0, width = ids.shape[1]; done < width;)
        {
            long next = done == 0 ? read.shape[1] : 1, fresh = done + next - read.shape[1];
            if (fresh > 0 && prompts.Any(p => model.ForgetsAt(p.Length + (int)fresh)))
            {
                cache.Clear();
            }
            BlockContext context = model.CreateContext(mask.narrow(1, 0, done + next), cache: cache);
            long past = cache.Length;
            Tensor top = model.RunBlocks(
                model.Embed(ids.narrow(1, past, done + next - past), context), 0, model.BlockCount, context, cache);
            parts.Add(top.narrow(1, done - past, next));
            done += next;
        }
        Tensor hidden = cat(parts, 1);
        return
        [
            .. prompts.Select((p, n) => cat([hidden[n].narrow(0, 0, p.Length), hidden[n].narrow(0, read.shape[1], said.shape[1])]))
                .Select(own => model.Logits(own).MoveToOuterDisposeScope())
        ];
    }

    private (Tensor Ids, Tensor Mask) Pad(IReadOnlyList<int[]> sequences, bool left) =>
        left ? PaddedSequences.Left(sequences, model.TorchDevice) : PaddedSequences.Right(sequences, model.TorchDevice);
}
