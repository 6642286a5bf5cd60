using HyperDas.Engine.LanguageModels;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Concepts;

/// <summary>
/// The frozen target's representation of a description: its hidden states where it is about to state the meaning of the description. There,
/// words that occur in no known description are close to known ones if the target has read them. The states of the last layers are averaged
/// over frames.
/// </summary>
internal static class DefinitionStates
{
    private const int Layers = 3, BatchSize = 64;

    // A description is a sentence at most; a longer one is judged by its beginning.
    private const int MostTokens = 64;

    private static readonly (string Before, string After)[] s_frames =
    [
        ("", " means"), ("What is ", "? It is"), ("By ", " people mean"), ("In the dictionary, ", ":"), ("", ", that is,"),
        ("Who says ", " speaks of"), ("", " ="), ("The word ", " stands for"),
    ];

    /// <summary>Length of a description's state.</summary>
    /// <param name="target">The target model.</param>
    public static int Width(LanguageModel target) => Math.Min(Layers, target.BlockCount + 1) * target.HiddenSize;

    /// <summary>Computes the states of descriptions.</summary>
    /// <param name="target">The target model.</param>
    /// <param name="texts">At least one.</param>
    /// <param name="progress">Receives the number read; null: nothing does.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    /// <returns><c>[descriptions, width]</c>, float32 on the processor, in the caller's dispose scope.</returns>
    /// <exception cref="HyperDasException"><c>ModelDisposed</c>, and what tokenizers may throw.</exception>
    public static Tensor Of(
        LanguageModel target, IReadOnlyList<string> texts, Action<int>? progress = null, CancellationToken cancellation = default)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        (int Text, int[] Ids)[] prompts =
            [.. texts.SelectMany((text, row) => s_frames.Select(frame => (row, Ids(target, frame, text))))
                .OrderBy(prompt => prompt.Item2.Length)];
        Tensor sum = zeros(texts.Count, Width(target));
        int done = 0;
        // Prompts of similar length together: padding is computed, too.
        foreach ((int Text, int[] Ids)[] some in prompts.Chunk(BatchSize))
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope one = NewDisposeScope();
            sum.index_add_(0, tensor(some.Select(prompt => (long)prompt.Text).ToArray()), Read(target, [.. some.Select(p => p.Ids)]), 1);
            progress?.Invoke((done += some.Length) / s_frames.Length);
        }
        return (sum / s_frames.Length).MoveToOuterDisposeScope();
    }

    // [prompts, width]
    private static Tensor Read(LanguageModel target, int[][] prompts)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor ids, Tensor mask) = PaddedSequences.Left(prompts, target.TorchDevice);
        IReadOnlyList<Tensor> states = target.HiddenStates(ids, mask);
        IEnumerable<Tensor> last = states.Skip(states.Count - Math.Min(Layers, states.Count)).Select(state =>
        {
            Tensor ends = state.select(1, state.shape[1] - 1).to_type(ScalarType.Float32).cpu();
            return ends / ends.norm(-1, keepdim: true).clamp_min(1e-12);
        });
        return cat([.. last], 1).MoveToOuterDisposeScope();
    }

    private static int[] Ids(LanguageModel target, (string Before, string After) frame, string text)
    {
        int[] before = target.Tokenizer.Encode(frame.Before + Openings.Without(text));
        int[] after = target.Tokenizer.EncodeContinuation(frame.After);
        int room = Math.Min(MostTokens, target.Config.MaxPositions - target.Tokenizer.Prefix.Length) - after.Length;
        return target.Tokenizer.Prefix.Before(before.Take(Math.Max(1, room)).Concat(after));
    }
}
