using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <summary>
/// Continues prompts, all in one batch; with the key/value cache each new token costs one column. Prompts are padded on the right, so an
/// edit counts columns from each prompt's first token; the padding stays between prompt and new tokens, where the mask hides it.
/// </summary>
public static class TextGenerator
{
    /// <summary>Continues prompts.</summary>
    /// <param name="model">The target model.</param>
    /// <param name="promptIds">Token ids of each prompt, at least one each.</param>
    /// <param name="options">Length, sampling, stopping.</param>
    /// <param name="edit">Replaces a hidden state in the prompts' pass; null for no edit.</param>
    /// <param name="cancellationToken">Checked before every token.</param>
    /// <param name="multiple">The prompts' common length is rounded up to a multiple of this, so few shapes occur.</param>
    /// <returns>The new tokens of each prompt, without the end-of-text token.</returns>
    /// <exception cref="HyperDasException">
    /// <c>ModelDisposed</c>, <c>GenerationOptionInvalid</c>, <c>PromptEmpty</c>, <c>TokenIdInvalid</c>, <c>LayerInvalid</c>,
    /// <c>HiddenEditInvalid</c>, <c>LogitsNotFinite</c>.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static IReadOnlyList<int[]> Generate(
        LanguageModel model,
        IReadOnlyList<int[]> promptIds,
        GenerationOptions options,
        HiddenEdit? edit = null,
        CancellationToken cancellationToken = default,
        int multiple = 1)
    {
        model.ThrowIfDisposed();
        OptionLaw.ThrowIfBroken(options, "GenerationOptionInvalid");
        if (promptIds.Count == 0)
        {
            return [];
        }
        for (int n = 0; n < promptIds.Count; n++)
        {
            if (promptIds[n].Length == 0)
            {
                throw new HyperDasException("PromptEmpty", HyperDasErrorKind.InvalidArgument,
                    $"Prompt {n} has no tokens. An empty prompt can be continued only if the tokenizer adds a beginning-of-sequence token.",
                    n);
            }
        }
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        using KeyValueCache cache = new(model.BlockCount);
        using TokenSampler sampler = new(options);
        ContinuedText[] texts = [.. promptIds.Select(_ => new ContinuedText(model, options))];
        int width = ShapeRounding.Round(promptIds.Max(p => p.Length), multiple);
        (Tensor ids, Tensor mask) = PaddedSequences.Right(promptIds, model.TorchDevice, width);
        Tensor ends = tensor([.. promptIds.Select(p => p.Length - 1L)], [promptIds.Count, 1], device: model.TorchDevice);
        for (int step = 0; step < options.MaxNewTokens; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope stepScope = NewDisposeScope();
            if (step > 0 && promptIds.Any(p => model.ForgetsAt(p.Length + step)))
            {
                cache.Clear();
            }
            Tensor top = Run(model, ids, mask, cache, edit, width);
            Tensor last = step == 0 ? DecoderBlock.Pick(top, ends).squeeze(1) : top.select(1, -1);
            long[] next = sampler.Choose(model.Logits(last));
            bool allEnded = true;
            for (int n = 0; n < texts.Length; n++)
            {
                texts[n].Add((int)next[n]);
                allEnded &= texts[n].Ended;
            }
            if (allEnded)
            {
                break;
            }
            // Grown on demand: a limit on new tokens alone doesn't allocate memory.
            ids = Replaced(ids, cat([ids, tensor(next, [next.Length, 1], device: model.TorchDevice)], 1));
            mask = Replaced(mask, cat([mask, ones([next.Length, 1], mask.dtype, mask.device)], 1));
        }
        return [.. texts.Select(t => t.Ids)];
    }

    private static Tensor Replaced(Tensor old, Tensor now)
    {
        old.Dispose();
        return now.MoveToOuterDisposeScope();
    }

    /// <summary>Output of the last block in the columns that aren't in the cache yet, <c>[batch, new, hidden]</c>.</summary>
    private static Tensor Run(LanguageModel model, Tensor ids, Tensor mask, KeyValueCache cache, HiddenEdit? edit, long width)
    {
        long past = cache.Length;
        BlockContext context = model.CreateContext(mask, cache: cache);
        Tensor hidden = model.Embed(ids.narrow(1, past, ids.shape[1] - past), context);
        int done = 0;
        if (edit is not null && past == 0)
        {
            hidden = model.RunBlocks(hidden, 0, edit.Layer, context, cache);
            Tensor edited = Edited(hidden.narrow(1, 0, width), edit);
            hidden = width == hidden.shape[1] ? edited : cat([edited, hidden.narrow(1, width, hidden.shape[1] - width)], 1);
            done = edit.Layer;
        }
        return model.RunBlocks(hidden, done, model.BlockCount, context, cache);
    }

    private static Tensor Edited(Tensor hidden, HiddenEdit edit)
    {
        Tensor edited = edit.Apply(hidden);
        return edited.shape.AsSpan().SequenceEqual(hidden.shape) && edited.dtype == hidden.dtype
            ? edited
            : throw new HyperDasException(
                "HiddenEditInvalid",
                HyperDasErrorKind.InvalidArgument,
                $"The edit at layer {edit.Layer} returned {edited.dtype} [{string.Join(", ", edited.shape)}] for {hidden.dtype} [{string.Join(", ", hidden.shape)}].",
                edit);
    }
}
