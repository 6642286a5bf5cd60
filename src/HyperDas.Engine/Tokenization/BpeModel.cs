using System.Globalization;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace HyperDas.Engine.Tokenization;

/// <summary>
/// Converts a piece to tokens. Microsoft.ML.Tokenizers applies the merges; byte fallback for characters outside the vocabulary, which it
/// lacks, is implemented here.
/// </summary>
internal sealed class BpeModel
{
    private readonly TokenizerDefinition _definition;
    private readonly BpeTokenizer _merger;
    private readonly string?[] _tokens;
    private readonly HashSet<int> _known;
    private readonly HashSet<int> _added;
    private readonly int[]? _bytes;
    private readonly int? _unknown;

    /// <param name="definition">The tokenizer.</param>
    /// <param name="tokens">Spelled tokens by id.</param>
    /// <exception cref="InvalidOperationException">A merge names a token that the vocabulary lacks.</exception>
    internal BpeModel(TokenizerDefinition definition, string?[] tokens)
    {
        _definition = definition;
        _tokens = tokens;
        _merger = BpeTokenizer.Create(new BpeOptions(definition.Vocabulary) { Merges = definition.Merges });
        _known = [.. definition.Vocabulary.Keys.Select(OneCodePoint).OfType<int>()];
        _added = [.. definition.AddedTokens.Select(token => token.Id)];
        _unknown = definition.Model.UnknownToken is string token && definition.Vocabulary.TryGetValue(token, out int unknown)
            ? unknown
            : null;
        if (definition.Model.FallsBackToBytes)
        {
            int[] bytes = [.. Enumerable.Range(0, 256).Select(value => definition.Vocabulary.GetValueOrDefault(ByteToken(value), -1))];
            _bytes = bytes;
        }
    }

    /// <summary>The byte-fallback token of a byte.</summary>
    internal static string ByteToken(int value) => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>");

    /// <summary>Adds the tokens of a piece.</summary>
    internal void Encode(AlignedText piece, List<TokenSpan> spans)
    {
        string text = piece.Text;
        if (_definition.Model.IgnoresMerges && _definition.Vocabulary.TryGetValue(text, out int whole) && !_added.Contains(whole))
        {
            Add(whole, 0, text.Length);
            return;
        }
        int first = spans.Count, run = 0, at = 0;
        while (at < text.Length)
        {
            Rune rune = Rune.GetRuneAt(text, at);
            int next = at + rune.Utf16SequenceLength;
            if (!_known.Contains(rune.Value))
            {
                Merge(run, at);
                AddUnknown(rune, at, next);
                run = next;
            }
            at = next;
        }
        Merge(run, text.Length);

        void Merge(int from, int to)
        {
            if (from == to)
            {
                return;
            }
            foreach (int id in _merger.EncodeToIds(text[from..to], considerPreTokenization: false, considerNormalization: false))
            {
                Add(id, from, from += _tokens[id]!.Length);
            }
        }

        void AddUnknown(Rune rune, int from, int to)
        {
            Span<byte> utf8 = stackalloc byte[4];
            utf8 = utf8[..rune.EncodeToUtf8(utf8)];
            if (_bytes is not null && HasAll(utf8))
            {
                foreach (byte value in utf8)
                {
                    Add(_bytes[value], from, to);
                }
            }
            else if (_unknown is int unknown)
            {
                // Only directly adjacent ones are fused.
                if (_definition.Model.FusesUnknown && from == run && spans.Count > first && spans[^1].Id == unknown && from > 0)
                {
                    spans[^1] = spans[^1] with { End = piece.Original(from, to).End };
                }
                else
                {
                    Add(unknown, from, to);
                }
            }
        }

        bool HasAll(ReadOnlySpan<byte> utf8)
        {
            foreach (byte value in utf8)
            {
                if (_bytes![value] < 0)
                {
                    return false;
                }
            }
            return true;
        }

        void Add(int id, int from, int to)
        {
            (int start, int end) = piece.Original(from, to);
            spans.Add(new TokenSpan(id, start, end));
        }
    }

    private static int? OneCodePoint(string token) =>
        Rune.DecodeFromUtf16(token, out Rune rune, out int length) == System.Buffers.OperationStatus.Done && length == token.Length
            ? rune.Value
            : null;
}
