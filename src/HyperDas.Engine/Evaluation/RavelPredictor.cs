using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Evaluation;

/// <summary>
/// Lets an interpreter intervene on examples: one proposal for each, from which all selection modes and dialects are answered.
/// </summary>
internal static class RavelPredictor
{
    /// <summary>Answers.</summary>
    /// <param name="interpreter">What is scored.</param>
    /// <param name="examples">Tokenised examples, each with at least one label token.</param>
    /// <param name="modes">Selection modes.</param>
    /// <param name="teacherForced">Whether the labels' own positions are answered.</param>
    /// <param name="newTokens">Tokens to generate; 0 for none.</param>
    /// <param name="cache">Hidden states for the interpreter's layer; null to make one.</param>
    /// <param name="batchSize">Examples at a time.</param>
    /// <param name="labelTokens">Label tokens that count; null for all.</param>
    /// <param name="progress">Told where the work stands.</param>
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
            // Similar lengths together waste less on padding; results don't depend on it unless the faithful options say so.
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
    /// <param name="interpreter">Whose patch it is.</param>
    /// <param name="batch">The examples' batch.</param>
    /// <param name="examples">The same examples; their labels aren't read.</param>
    /// <param name="patch">What was proposed for them.</param>
    /// <param name="applied">The selection weights that are applied, as <see cref="Interpreter.Select"/> gives them.</param>
    /// <param name="newTokens">Tokens to generate for each example; ends of text don't stop it.</param>
    /// <param name="cancellation">Checked before every token.</param>
    /// <returns>Per example exactly that many token ids.</returns>
    internal static IReadOnlyList<int[]> Generate(
        Interpreter interpreter, InterchangeBatch batch, IReadOnlyList<TokenizedExample> examples, Patch patch, Tensor applied,
        int newTokens, CancellationToken cancellation = default) =>
        TextGenerator.Generate(
            interpreter.Target, [.. examples.Select(example => example.BaseIds[..example.PromptLength])],
            new GenerationOptions { MaxNewTokens = newTokens, StopAtEos = false }, interpreter.EditOf(batch, patch, applied), cancellation,
            ShapeRounding.LengthMultiple);
}
