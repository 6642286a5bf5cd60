using System.Globalization;
using System.Text;

namespace HyperDas.Engine.Tokenization;

/// <summary>Finds added tokens in a text: the leftmost match, and the longest of those at one position, as the reference does.</summary>
internal sealed class AddedTokenFinder
{
    private readonly Node _root = new();

    /// <param name="tokens">The tokens, and what each looks like where it is searched for.</param>
    internal AddedTokenFinder(IEnumerable<(AddedToken Token, string Text)> tokens)
    {
        foreach ((AddedToken token, string text) in tokens)
        {
            Node node = _root;
            foreach (char next in text)
            {
                node = node.Next.TryGetValue(next, out Node? found) ? found : node.Next[next] = new Node();
            }
            if (text.Length > 0)
            {
                node.Token = token;
                IsEmpty = false;
            }
        }
    }

    /// <summary>Whether there are no tokens to find.</summary>
    internal bool IsEmpty { get; } = true;

    /// <summary>Splits a text at added tokens.</summary>
    /// <param name="text">The text.</param>
    /// <param name="readsSpecial">Whether special tokens are matched too; otherwise their names are plain text.</param>
    /// <returns>The parts in order; none is empty.</returns>
    internal List<(AddedToken? Token, int Start, int End)> Cut(string text, bool readsSpecial) =>
        Cut(text, readsSpecial ? (_, _) => true : null);

    /// <inheritdoc cref="Cut(string, bool)"/>
    /// <param name="text">The text.</param>
    /// <param name="readsSpecial">Whether special tokens are found from one character to another, too; null: nowhere.</param>
    internal List<(AddedToken? Token, int Start, int End)> Cut(string text, Func<int, int, bool>? readsSpecial)
    {
        List<(AddedToken?, int, int)> parts = [];
        int done = 0;
        for (int at = 0; at < text.Length;)
        {
            if (Longest(text, at) is not (AddedToken token, int length))
            {
                at++;
                continue;
            }
            int start = at, end = at + length;
            bool unread = token.Special && readsSpecial?.Invoke(start, end) != true;
            // A name that begins in plain text and ends in a control token would hide that token.
            at = unread && readsSpecial is not null ? start + 1 : end;
            if (unread || (token.SingleWord && (EndsWithWord(text.AsSpan(0, start)) || StartsWithWord(text.AsSpan(end)))))
            {
                continue;
            }
            while (token.LeftStrip && start > done && char.IsWhiteSpace(text[start - 1]))
            {
                start--;
            }
            while (token.RightStrip && end < text.Length && char.IsWhiteSpace(text[end]))
            {
                end++;
            }
            if (start > done)
            {
                parts.Add((null, done, start));
            }
            parts.Add((token, start, end));
            done = end;
        }
        if (done < text.Length)
        {
            parts.Add((null, done, text.Length));
        }
        return parts;
    }

    /// <summary>The special tokens whose names a text holds, each once.</summary>
    internal IEnumerable<AddedToken> Special(string text) =>
        Cut(text, readsSpecial: true).Select(part => part.Token).OfType<AddedToken>().Where(token => token.Special).Distinct();

    private (AddedToken Token, int Length)? Longest(string text, int start)
    {
        (AddedToken, int)? longest = null;
        Node? node = _root;
        for (int at = start; at < text.Length && node.Next.TryGetValue(text[at], out node); at++)
        {
            longest = node.Token is null ? longest : (node.Token, at + 1 - start);
        }
        return longest;
    }

    private static bool EndsWithWord(ReadOnlySpan<char> text) => Rune.DecodeLastFromUtf16(text, out Rune rune, out _) == 0 && IsWord(rune);

    private static bool StartsWithWord(ReadOnlySpan<char> text) => Rune.DecodeFromUtf16(text, out Rune rune, out _) == 0 && IsWord(rune);

    private static bool IsWord(Rune rune) => Rune.IsLetter(rune) || rune.Value is 0x200C or 0x200D || Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
        or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation;

    private sealed class Node
    {
        internal Dictionary<char, Node> Next { get; } = [];

        internal AddedToken? Token { get; set; }
    }
}
