using System.Text;

namespace HyperDas.Engine.Tokenization.Reading;

/// <summary>
/// The merges that a SentencePiece BPE model implies: every way to form a piece from two others, the best pieces first. The order is that
/// of Hugging Face's converter, including ties.
/// </summary>
internal static class SentencePieceMerges
{
    /// <param name="pieces">Pieces with their scores, in order of ids.</param>
    /// <param name="vocabulary">Ids of the same pieces.</param>
    internal static List<string> Of(IReadOnlyList<(string Text, float Score)> pieces, Dictionary<string, int> vocabulary)
    {
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> ids = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        List<(string Text, int Cut, int Right, float Score)> merges = [];
        foreach ((string text, float score) in pieces)
        {
            List<(int Left, int Right, int Cut)> ways = [];
            for (int cut = 1; cut < text.Length; cut++)
            {
                if (!char.IsLowSurrogate(text[cut]) && ids.TryGetValue(text.AsSpan(0, cut), out int left)
                    && ids.TryGetValue(text.AsSpan(cut), out int right))
                {
                    ways.Add((left, right, cut));
                }
            }
            ways.Sort();
            merges.AddRange(ways.Select(way => (text, way.Cut, way.Right, score)));
        }
        return
        [
            .. merges.OrderByDescending(merge => merge.Score)
                .ThenByDescending(merge => CodePoints(merge.Text.AsSpan(0, merge.Cut)))
                .ThenByDescending(merge => CodePoints(merge.Text.AsSpan(merge.Cut)))
                .Select(merge => $"{merge.Text.AsSpan(0, merge.Cut)} {merge.Text.AsSpan(merge.Cut)}"),
        ];
    }

    private static int CodePoints(ReadOnlySpan<char> text)
    {
        int count = 0;
        foreach (Rune _ in text.EnumerateRunes())
        {
            count++;
        }
        return count;
    }
}
