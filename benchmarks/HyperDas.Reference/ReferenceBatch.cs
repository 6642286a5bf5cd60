using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel;
using static TorchSharp.torch;

namespace HyperDas.Reference;

/// <summary>Token sequences as the original collates them: one rectangle, ids, and what of it is real and visible.</summary>
/// <param name="Ids"><c>[batch, tokens]</c>, int64.</param>
/// <param name="Real"><c>[batch, tokens]</c>, int64, 0 on padding.</param>
/// <param name="Visible"><c>[batch, tokens]</c>, int64, 1 on tokens that may be read and edited.</param>
public readonly record struct ReferencePrompts(Tensor Ids, Tensor Real, Tensor Visible);

/// <summary>
/// A batch as the original collates it (docs/methods.md#tokens-and-what-is-visible): nothing is computed yet. Its tensors
/// belong to the caller's dispose scope.
/// </summary>
public sealed record ReferenceBatch
{
    /// <summary>The examples that it was made of.</summary>
    public required IReadOnlyList<TokenizedExample> Examples { get; init; }

    /// <summary>Where short sequences are filled up.</summary>
    public required PaddingSide Side { get; init; }

    /// <summary>Base prompts with labels.</summary>
    public required ReferencePrompts Base { get; init; }

    /// <summary>Source prompts.</summary>
    public required ReferencePrompts Source { get; init; }

    /// <summary>Instructions; all real tokens are visible.</summary>
    public required ReferencePrompts Instruction { get; init; }

    /// <summary>Label tokens in the places of <see cref="Base"/>, −100 elsewhere, <c>[batch, tokens]</c>.</summary>
    public required Tensor Labels { get; init; }

    /// <summary>Column of every prompt's first real token in <see cref="Base"/>, <c>[batch]</c>, int64.</summary>
    public required Tensor BaseStart { get; init; }

    /// <summary>Collates examples.</summary>
    /// <param name="examples">At least one.</param>
    /// <param name="side">Where short sequences are filled up.</param>
    /// <param name="device">Where the tensors go.</param>
    public static ReferenceBatch Of(IReadOnlyList<TokenizedExample> examples, PaddingSide side, Device device)
    {
        int tokens = examples.Max(e => e.BaseIds.Length);
        long[] labels = new long[examples.Count * tokens];
        Array.Fill(labels, -100);
        for (int n = 0; n < examples.Count; n++)
        {
            for (int t = examples[n].PromptLength; t < examples[n].BaseIds.Length; t++)
            {
                labels[(n * tokens) + Start(examples[n].BaseIds, tokens) + t] = examples[n].BaseIds[t];
            }
        }
        return new ReferenceBatch
        {
            Examples = examples,
            Side = side,
            Base = Prompts(e => e.BaseIds, e => e.BaseVisible),
            Source = Prompts(e => e.SourceIds, e => e.SourceVisible),
            Instruction = Prompts(e => e.InstructionIds, e => e.InstructionIds.Length),
            Labels = tensor(labels, ScalarType.Int64, device).view(examples.Count, tokens),
            BaseStart = tensor(examples.Select(e => (long)Start(e.BaseIds, tokens)).ToArray(), ScalarType.Int64, device),
        };

        int Start(int[] ids, int width) => side == PaddingSide.Left ? width - ids.Length : 0;

        ReferencePrompts Prompts(Func<TokenizedExample, int[]> idsOf, Func<TokenizedExample, int> visibleOf)
        {
            int[][] sequences = [.. examples.Select(idsOf)];
            (Tensor ids, Tensor real) = side == PaddingSide.Left
                ? PaddedSequences.Left(sequences, device)
                : PaddedSequences.Right(sequences, device);
            long width = ids.shape[1];
            long[] visible = new long[sequences.Length * width];
            for (int n = 0; n < sequences.Length; n++)
            {
                Array.Fill(visible, 1, (int)(n * width) + Start(sequences[n], (int)width), visibleOf(examples[n]));
            }
            return new ReferencePrompts(ids, real, tensor(visible, ScalarType.Int64, device).view(-1, width));
        }
    }
}
