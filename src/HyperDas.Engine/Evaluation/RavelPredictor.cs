using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Evaluation;

/// <summary>Runs an interpreter's interventions on examples: one proposal for each is used for all selection modes and dialects.</summary>
internal static class RavelPredictor
{
    /// <summary>Computes the answers.</summary>
    /// <param name="interpreter">The interpreter.</param>
    /// <param name="examples">Tokenised examples, each with at least one label token.</param>
    /// <param name="modes">Selection modes.</param>
    /// <param name="teacherForced">Whether to evaluate the labels' positions.</param>
    /// <param name="newTokens">Number of tokens to generate; 0 for none.</param>
    /// <param name="cache">Hidden states for the interpreter's layer; null to create a cache.</param>
    /// <param name="batchSize">Number of examples per batch.</param>
    /// <param name="labelTokens">Number of label tokens that count; null for all.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    internal static Dictionary<SelectionMode, RavelPredictions> Predict(
        Interpreter interpreter, IReadOnlyList<TokenizedExample> examples, IReadOnlyList<SelectionMode> modes,
        bool teacherForced, int newTokens,
        ActivationCache? cache, int batchSize, int? labelTokens, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        interpreter.ThrowIfDisposed();
        using ActivationCache? own = cache is null ? interpreter.CreateCache(shared: true) : null;
        InterchangeBatchBuilder builder = new(
            interpreter.Target, cache ?? own!, interpreter.Layer, interpreter.NormedLastLayerSource, ShapeRounding.LengthMultiple);
        Dictionary<SelectionMode, RavelPredictions> predictions = modes.Distinct()
            .ToDictionary(m => m, _ => new RavelPredictions(examples.Count));
        int done = 0;
        using (no_grad())
        {
            // Batches of similar lengths have less padding; results don't depend on it except with the faithful options.
            foreach (int[] indices in Enumerable.Range(0, examples.Count).OrderBy(i => examples[i].BaseIds.Length).Chunk(batchSize))
            {
                cancellation.ThrowIfCancellationRequested();
                using DisposeScope scope = NewDisposeScope();
                TokenizedExample[] part = [.. indices.Select(i => examples[i])];
                InterchangeBatch batch = builder.Build(part);
                Patch patch = interpreter.Propose(batch);
                foreach ((SelectionMode mode, RavelPredictions prediction) in predictions)
                {
                    Tensor applied = Interpreter.Select(batch, patch, mode);
                    bool[]? hits = teacherForced ? LabelHits.Of(interpreter, batch, patch, applied, labelTokens) : null;
                    IReadOnlyList<int[]>? generated = newTokens > 0
                        ? Generate(interpreter, batch, part, patch, applied, newTokens, cancellation)
                        : null;
                    for (int n = 0; n < indices.Length; n++)
                    {
                        prediction.LabelHits[indices[n]] = hits?[n] ?? false;
                        prediction.Generated[indices[n]] = generated?[n] ?? [];
                    }
                }
                done += indices.Length;
                progress?.Report(new WorkProgress(
                    $"Scoring {interpreter.Method}", $"{done} of {examples.Count} examples", done, examples.Count));
            }
        }
        return predictions;
    }

    /// <summary>Greedy generation under an intervention (docs/methods.md#generation-under-an-edit).</summary>
    /// <param name="interpreter">The interpreter that proposed the patch.</param>
    /// <param name="batch">The examples' batch.</param>
    /// <param name="examples">The same examples; their labels aren't used.</param>
    /// <param name="patch">The proposal for them.</param>
    /// <param name="applied">The applied selection weights, from <see cref="Interpreter.Select"/>.</param>
    /// <param name="newTokens">Number of tokens to generate for each example; an end-of-sequence token doesn't stop it.</param>
    /// <param name="cancellation">Checked before every token.</param>
    /// <returns>For each example exactly that many token ids.</returns>
    internal static IReadOnlyList<int[]> Generate(
        Interpreter interpreter, InterchangeBatch batch, IReadOnlyList<TokenizedExample> examples, Patch patch, Tensor applied,
        int newTokens, CancellationToken cancellation = default) =>
        TextGenerator.Generate(
            interpreter.Target, [.. examples.Select(example => example.BaseIds[..example.PromptLength])],
            new GenerationOptions { MaxNewTokens = newTokens, StopAtEos = false }, interpreter.EditOf(batch, patch, applied), cancellation,
            ShapeRounding.LengthMultiple);
}
