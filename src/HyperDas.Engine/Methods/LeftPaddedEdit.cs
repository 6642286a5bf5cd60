using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods;

/// <summary>
/// Lets an edit that counts columns from each prompt's first token work on generation's batches, whose padding stands before it.
/// </summary>
/// <param name="prompts">Token ids of each prompt.</param>
/// <param name="edit">Edits hidden states <c>[batch, width, d]</c> whose padding stands at the end.</param>
internal sealed class LeftPaddedEdit(int[][] prompts, Func<Tensor, Tensor> edit)
{
    /// <summary>Edits hidden states whose padding stands at the beginning.</summary>
    /// <param name="hidden"><c>[batch, width, d]</c>, width = the longest prompt.</param>
    /// <returns>The same shape.</returns>
    internal Tensor Apply(Tensor hidden)
    {
        int width = (int)hidden.shape[1];
        if (prompts.All(prompt => prompt.Length == width))
        {
            return edit(hidden);
        }
        using DisposeScope scope = NewDisposeScope();
        return Turn(edit(Turn(hidden, width, forward: true)), width, forward: false).MoveToOuterDisposeScope();
    }

    private Tensor Turn(Tensor hidden, int width, bool forward)
    {
        long[] columns =
        [
            .. prompts.SelectMany(prompt => Enumerable.Range(0, width)
                .Select(j => (long)((forward ? j - prompt.Length + width : j + prompt.Length) % width)))
        ];
        Tensor index = tensor(columns, [prompts.Length, width, 1], device: hidden.device).expand(hidden.shape);
        return hidden.gather(1, index);
    }
}
