using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Evaluation.Checks;

/// <summary>Compares the ways in which the engine runs a model on the same tokens.</summary>
/// <param name="paths">The ways.</param>
/// <param name="sequences">Token ids of different lengths, all in the vocabulary.</param>
/// <param name="layers">Layers from which runs are continued.</param>
/// <param name="tolerance">The largest difference that passes.</param>
internal sealed class PathChecks(ModelPaths paths, IReadOnlyList<int[]> sequences, IReadOnlyList<int> layers, double tolerance)
{
    /// <summary>How many tokens prompts are continued by.</summary>
    internal const int GeneratedTokens = 8;

    /// <summary>The checks, ordered so that later ones build on earlier ones.</summary>
    public IEnumerable<CheckStep> Steps() =>
    [
        Step("BatchedEqualsSingle", "hidden states of all layers and logits of a padded batch with those of each prompt alone", Batched),
        Step("LeftEqualsRight",
            "hidden states of all layers and logits of a batch padded on the left with those of one padded on the right", Sides),
        Step("CachedEqualsUncached", "generation with a key/value cache, token by token, with a whole run over the same tokens", Cached),
        Step("LayerConvention",
            "hidden states at each layer as read in training with hidden_states of a whole run: 0 = embeddings, the last before the final norm",
            Convention),
        Step("PartialEqualsFull", "logits of runs that continue from the hidden states at a layer with those of the whole run", Partial),
    ];

    private CheckStep Step(string name, string compares, Func<CancellationToken, Difference> measure) => new(name, stop =>
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        paths.Model.ThrowIfDisposed();
        Difference difference;
        try
        {
            difference = measure(stop);
        }
        catch (HyperDasException e) when (e.ErrorId == "LogitsNotFinite")
        {
            difference = default;
            difference.Add(double.NaN, "logits that aren't finite, so no token could be generated");
        }
        return difference.ToCheck(name, paths.Model.Name, tolerance, compares);
    });

    private Difference Batched(CancellationToken stop)
    {
        Difference difference = default;
        IReadOnlyList<Tensor> states = paths.States(sequences, left: false), logits = paths.Logits(sequences, left: false);
        for (int n = 0; n < sequences.Count; n++)
        {
            stop.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            AddLayers(ref difference, paths.States([sequences[n]], left: false)[0], states[n], n);
            difference.Add(paths.Logits([sequences[n]], left: false)[0], logits[n], $"logits of prompt {n + 1}");
        }
        return difference;
    }

    private Difference Sides(CancellationToken stop)
    {
        Difference difference = default;
        IReadOnlyList<Tensor> right = paths.States(sequences, left: false), left = paths.States(sequences, left: true);
        stop.ThrowIfCancellationRequested();
        IReadOnlyList<Tensor> rightLogits = paths.Logits(sequences, left: false), leftLogits = paths.Logits(sequences, left: true);
        for (int n = 0; n < sequences.Count; n++)
        {
            AddLayers(ref difference, right[n], left[n], n);
            difference.Add(rightLogits[n], leftLogits[n], $"logits of prompt {n + 1}");
        }
        return difference;
    }

    private Difference Cached(CancellationToken stop)
    {
        Difference difference = default;
        IReadOnlyList<int[]> answers = TextGenerator.Generate(
            paths.Model, sequences, new GenerationOptions { MaxNewTokens = GeneratedTokens, StopAtEos = false }, edit: null, stop);
        IReadOnlyList<Tensor> whole = Whole(answers, stop), cached = paths.CachedLogits(sequences, answers);
        for (int n = 0; n < sequences.Count; n++)
        {
            stop.ThrowIfCancellationRequested();
            difference.Add(whole[n], cached[n], $"logits of prompt {n + 1}");
            difference.Add(Shortfall(whole[n], sequences[n].Length, answers[n]),
                $"a generated token of prompt {n + 1}, which is less likely in the whole run than another one");
        }
        return difference;
    }

    // Where the rotation depends on the length of the text, each token's logits come from a run that ends with it.
    private IReadOnlyList<Tensor> Whole(IReadOnlyList<int[]> answers, CancellationToken stop)
    {
        IReadOnlyList<Tensor> Upto(int said) =>
            paths.Logits([.. sequences.Zip(answers, (prompt, answer) => (int[])[.. prompt, .. answer[..said]])], left: false);
        if (!paths.Model.RotatesByLength)
        {
            return Upto(answers[0].Length);
        }
        List<Tensor>[] rows = [.. Upto(0).Select(logits => new List<Tensor> { logits })];
        for (int said = 1; said <= answers[0].Length; said++)
        {
            stop.ThrowIfCancellationRequested();
            foreach ((List<Tensor> row, Tensor logits) in rows.Zip(Upto(said)))
            {
                row.Add(logits.narrow(0, logits.shape[0] - 1, 1));
            }
        }
        return [.. rows.Select(row => cat(row, 0))];
    }

    private Difference Convention(CancellationToken stop)
    {
        Difference difference = default;
        LanguageModel model = paths.Model;
        IReadOnlyList<Tensor> states = paths.States(sequences, left: false);
        for (int n = 0; n < sequences.Count; n++)
        {
            difference.Add(states[n].shape[0] == model.BlockCount + 1 ? 0 : double.PositiveInfinity,
                $"{states[n].shape[0]} hidden states for {model.BlockCount} blocks");
            Tensor ids = tensor(sequences[n], ScalarType.Int64, model.TorchDevice);
            difference.Add(Embedded(model, ids), states[n][0], $"embeddings of prompt {n + 1}");
        }
        foreach (int layer in layers)
        {
            stop.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            Tensor read = paths.LayerStates(sequences, layer);
            for (int n = 0; n < sequences.Count; n++)
            {
                Tensor own = read[n].narrow(0, 0, sequences[n].Length);
                difference.Add(
                    states[n][layer], layer == model.BlockCount ? model.FinalNorm(own) : own, $"layer {layer} of prompt {n + 1}");
            }
        }
        return difference;
    }

    private static Tensor Embedded(LanguageModel model, Tensor ids)
    {
        Tensor embedded = model.EmbeddingWeight.index_select(0, ids).to_type(model.ScalarType);
        embedded = model.Config.EmbeddingScale == 1 ? embedded : embedded * model.Config.EmbeddingScale;
        return model.Weight(WeightRole.Positions) is { } positions ? embedded + positions.narrow(0, 0, ids.shape[0]) : embedded;
    }

    private Difference Partial(CancellationToken stop)
    {
        Difference difference = default;
        IReadOnlyList<Tensor> whole = paths.Logits(sequences, left: false);
        foreach (int layer in layers)
        {
            stop.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            IReadOnlyList<Tensor> partial = paths.PartialLogits(sequences, layer);
            for (int n = 0; n < sequences.Count; n++)
            {
                difference.Add(whole[n], partial[n], $"logits of prompt {n + 1} from layer {layer} on");
            }
        }
        return difference;
    }

    private static void AddLayers(ref Difference difference, Tensor expected, Tensor actual, int prompt)
    {
        for (int layer = 0; layer < expected.shape[0]; layer++)
        {
            difference.Add(expected[layer], actual[layer], $"layer {layer} of prompt {prompt + 1}");
        }
    }

    // Score of the generated token below the most likely one of the whole run: 0 if both agree, rounding error for ties.
    private static double Shortfall(Tensor logits, int promptLength, int[] answer)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = logits.narrow(0, promptLength - 1, answer.Length);
        Tensor chosen = rows.gather(1, tensor(answer, ScalarType.Int64, rows.device).unsqueeze(1));
        return ((rows.amax([1], keepdim: true) - chosen) / rows.abs().amax([1], keepdim: true).clamp_(min: float.Epsilon))
            .max().item<float>();
    }
}
