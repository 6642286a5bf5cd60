using System.Runtime.InteropServices;
using HyperDas.Engine.Tokenization.Steps;

namespace HyperDas.Engine.Tokenization;

/// <summary>
/// Trains a byte-level BPE tokenizer with Llama-3's pre-tokenizer, which splits numbers into groups of at most three digits. The same texts
/// in the same order give the same tokenizer on every machine: among equally frequent pairs the one with the oldest tokens is merged first.
/// </summary>
public static class BpeTrainer
{
    /// <summary>Smallest vocabulary: 256 bytes and the two special tokens.</summary>
    public const int SmallestVocabulary = 258;

    /// <summary>Learns merges from texts.</summary>
    /// <param name="texts">The texts to learn from.</param>
    /// <param name="vocabularySize">Number of tokens: 256 bytes, one for each merge, and two special ones at the end. Texts with too few
    /// repeated pairs give fewer.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="HyperDasException"><c>VocabularySizeInvalid</c>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static TrainedBpe Train(IEnumerable<string> texts, int vocabularySize, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        if (vocabularySize < SmallestVocabulary)
        {
            throw new HyperDasException(
                "VocabularySizeInvalid", HyperDasErrorKind.InvalidArgument,
                $"A vocabulary of {vocabularySize} tokens is too small: the 256 bytes and 2 special tokens need {SmallestVocabulary}.",
                vocabularySize);
        }
        PairTable table = new(CountPieces(texts, cancellationToken));
        List<(int Left, int Right)> merges = [];
        while (SmallestVocabulary + merges.Count < vocabularySize && table.TakeMostFrequent() is (int, int) pair)
        {
            cancellationToken.ThrowIfCancellationRequested();
            table.Merge(pair, newToken: 256 + merges.Count);
            merges.Add(pair);
        }
        return new TrainedBpe(merges);
    }

    private static List<Piece> CountPieces(IEnumerable<string> texts, CancellationToken cancellationToken)
    {
        PreTokenizer.Split splitter = new(CodePointPattern.Expression(PreTokenizer.Llama3Pattern));
        Dictionary<string, int> counts = new(StringComparer.Ordinal);
        List<string> order = [];
        foreach (string text in texts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach ((int start, int end) in splitter.Cut(text))
            {
                string piece = text[start..end];
                ref int count = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, piece, out bool seen);
                count++;
                if (!seen)
                {
                    order.Add(piece);
                }
            }
        }
        return
        [
            .. order.Select(piece => new Piece([.. System.Text.Encoding.UTF8.GetBytes(piece).Select(value => (int)value)], counts[piece]))
        ];
    }

    /// <summary>A distinct piece of text as tokens, and its number of occurrences.</summary>
    private sealed class Piece(List<int> tokens, int count)
    {
        internal List<int> Tokens { get; } = tokens;

        internal int Count { get; } = count;
    }

    /// <summary>
    /// Number of occurrences of every pair of adjacent tokens and the pieces that contain it, kept up to date through merges.
    /// </summary>
    private sealed class PairTable
    {
        private readonly List<Piece> _pieces;
        private readonly Dictionary<(int, int), long> _counts = [];
        private readonly Dictionary<(int, int), HashSet<int>> _where = [];

        // Entries may be outdated, which the count in the key shows.
        private readonly PriorityQueue<(int Left, int Right), (long, int, int)> _queue = new();

        internal PairTable(List<Piece> pieces)
        {
            _pieces = pieces;
            for (int i = 0; i < pieces.Count; i++)
            {
                Count(i, sign: 1, changed: null);
            }
            foreach ((int, int) pair in _counts.Keys)
            {
                Offer(pair);
            }
        }

        /// <summary>The most frequent pair, or null when none occurs twice.</summary>
        internal (int Left, int Right)? TakeMostFrequent()
        {
            while (_queue.TryDequeue(out (int Left, int Right) pair, out (long NegativeCount, int, int) key))
            {
                long now = _counts.GetValueOrDefault(pair);
                if (now == -key.NegativeCount)
                {
                    return now >= 2 ? pair : null;
                }
            }
            return null;
        }

        internal void Merge((int Left, int Right) pair, int newToken)
        {
            HashSet<(int, int)> changed = [];
            foreach (int index in _where[pair].ToArray())
            {
                Count(index, sign: -1, changed);
                Join(_pieces[index].Tokens, pair, newToken);
                Count(index, sign: 1, changed);
            }
            foreach ((int, int) touched in changed)
            {
                Offer(touched);
            }
        }

        private void Offer((int Left, int Right) pair)
        {
            if (_counts.GetValueOrDefault(pair) is > 0 and long count)
            {
                _queue.Enqueue(pair, (-count, pair.Left, pair.Right));
            }
        }

        private void Count(int index, int sign, HashSet<(int, int)>? changed)
        {
            Piece piece = _pieces[index];
            for (int i = 1; i < piece.Tokens.Count; i++)
            {
                (int, int) pair = (piece.Tokens[i - 1], piece.Tokens[i]);
                CollectionsMarshal.GetValueRefOrAddDefault(_counts, pair, out _) += sign * piece.Count;
                ref HashSet<int>? where = ref CollectionsMarshal.GetValueRefOrAddDefault(_where, pair, out _);
                where ??= [];
                if (sign > 0)
                {
                    where.Add(index);
                }
                else
                {
                    where.Remove(index);
                }
                changed?.Add(pair);
            }
        }

        private static void Join(List<int> tokens, (int Left, int Right) pair, int newToken)
        {
            int kept = 0;
            for (int i = 0; i < tokens.Count; i++)
            {
                bool joined = i + 1 < tokens.Count && tokens[i] == pair.Left && tokens[i + 1] == pair.Right;
                tokens[kept++] = joined ? newToken : tokens[i];
                i += joined ? 1 : 0;
            }
            tokens.RemoveRange(kept, tokens.Count - kept);
        }
    }
}
