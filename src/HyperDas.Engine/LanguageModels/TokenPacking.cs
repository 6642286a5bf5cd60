using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <summary>
/// A batch of texts of different lengths without padding: all their tokens in one row, text by text. Everything except attention
/// computes each token by itself and doesn't notice.
/// </summary>
internal sealed class TokenPacking
{
    private readonly int[] _lengths, _offsets;

    /// <param name="lengths">Number of tokens of each text.</param>
    public TokenPacking(IEnumerable<int> lengths)
    {
        _lengths = [.. lengths];
        _offsets = new int[_lengths.Length];
        for (int n = 1; n < _lengths.Length; n++)
        {
            _offsets[n] = _offsets[n - 1] + _lengths[n - 1];
        }
        Total = _lengths.Sum();
        Longest = _lengths.Max();
    }

    /// <summary>Number of texts.</summary>
    public int Count => _lengths.Length;

    /// <summary>Number of tokens of the longest text.</summary>
    public int Longest { get; }

    /// <summary>Number of tokens of all texts.</summary>
    public int Total { get; }

    /// <summary>Number of tokens of a text.</summary>
    /// <param name="text">0-based.</param>
    public int Length(int text) => _lengths[text];

    /// <summary>Place of a text's first token.</summary>
    /// <param name="text">0-based.</param>
    public int Offset(int text) => _offsets[text];

    /// <summary>Places of all tokens in a batch with padding at the end of each text.</summary>
    /// <param name="columns">Columns of that batch.</param>
    /// <returns><c>[tokens]</c>, int64, indices into batch × columns.</returns>
    public Tensor Rows(long columns)
    {
        long[] rows = new long[Total];
        for (int n = 0; n < Count; n++)
        {
            for (int t = 0; t < _lengths[n]; t++)
            {
                rows[_offsets[n] + t] = (n * columns) + t;
            }
        }
        return tensor(rows);
    }

    /// <summary>Places here of some columns of a batch with padding.</summary>
    /// <param name="columns"><c>[batch, count]</c>, int64, of real tokens.</param>
    /// <returns><c>[batch * count]</c>, int64.</returns>
    public Tensor Places(Tensor columns)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor offsets = tensor(_offsets, ScalarType.Int64);
        return (columns + offsets.unsqueeze(1)).view(-1).MoveToOuterDisposeScope();
    }
}
