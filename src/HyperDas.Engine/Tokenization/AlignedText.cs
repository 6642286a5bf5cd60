using System.Text;

namespace HyperDas.Engine.Tokenization;

/// <summary>A piece of a text during normalisation, with the original characters of each of its characters.</summary>
/// <param name="text">The current text of the piece.</param>
/// <param name="starts">For each UTF-16 character, the first original one.</param>
/// <param name="ends">For each UTF-16 character, one past the last original one.</param>
internal sealed class AlignedText(string text, int[] starts, int[] ends)
{
    /// <summary>The current text of the piece.</summary>
    internal string Text { get; } = text;

    /// <summary>How many characters it has.</summary>
    internal int Length => Text.Length;

    /// <summary>Whether it begins at the beginning of the original.</summary>
    internal bool IsFirst => Length > 0 && starts[0] == 0;

    /// <summary>An unchanged text; both halves of a surrogate pair are aligned with the whole character.</summary>
    internal static AlignedText Of(string text)
    {
        int[] starts = new int[text.Length], ends = new int[text.Length];
        for (int i = 0; i < text.Length; i++)
        {
            int length = char.IsSurrogatePair(text, i) ? 2 : 1;
            starts.AsSpan(i, length).Fill(i);
            ends.AsSpan(i, length).Fill(i + length);
            i += length - 1;
        }
        return new AlignedText(text, starts, ends);
    }

    /// <summary>Any text: lone surrogates, which aren't characters, become U+FFFD.</summary>
    internal static AlignedText OfAny(string text) => Of(WithoutLoneSurrogates(text));

    /// <summary>The characters [<paramref name="start"/>, <paramref name="end"/>).</summary>
    internal AlignedText Slice(int start, int end) =>
        start == 0 && end == Length ? this : new AlignedText(Text[start..end], starts[start..end], ends[start..end]);

    /// <summary>The original range of the characters [<paramref name="start"/>, <paramref name="end"/>).</summary>
    internal (int Start, int End) Original(int start, int end) => (starts[start], ends[end - 1]);

    /// <summary>Prepends a text, which is aligned with the piece's first character.</summary>
    internal AlignedText Prepend(string added)
    {
        if (Length == 0)
        {
            return this;
        }
        Builder builder = new(Length + added.Length);
        builder.Add(added, starts[0], ends[0]);
        builder.Add(this, 0, Length);
        return builder.Build();
    }

    /// <summary>Replaces some parts.</summary>
    /// <param name="parts">The parts, in order.</param>
    /// <param name="content">The replacement.</param>
    internal AlignedText Replace(IReadOnlyList<(int Start, int End)> parts, string content)
    {
        if (parts.Count == 0)
        {
            return this;
        }
        Builder builder = new(Length + (parts.Count * content.Length));
        int done = 0;
        foreach ((int start, int end) in parts)
        {
            builder.Add(this, done, start);
            if (end > start)
            {
                builder.Add(content, starts[start], ends[end - 1]);
            }
            done = end;
        }
        builder.Add(this, done, Length);
        return builder.Build();
    }

    /// <summary>
    /// The composed form (NFC). A letter is aligned with its original letter, not with the combining marks after it, as in the reference.
    /// </summary>
    internal AlignedText Compose()
    {
        if (!Unicode.ComposedForm.MayChange(Text))
        {
            return this;
        }
        Builder builder = new(Length);
        int next = 0, last = 0;
        foreach ((Rune rune, int change) in Unicode.ComposedForm.Compose(Text))
        {
            int from = change > 0 ? last : next;
            builder.Add(rune.ToString(), starts[from], ends[from]);
            for (int taken = change > 0 ? 0 : 1 - change; taken > 0 && next < Length; taken--)
            {
                last = next;
                next += char.IsSurrogatePair(Text, next) ? 2 : 1;
            }
        }
        return builder.Build();
    }

    /// <summary>Its UTF-8 bytes in the byte alphabet; each is aligned with its whole character.</summary>
    internal AlignedText SpellBytes()
    {
        Builder builder = new(Length + 8);
        int at = 0;
        foreach (Rune rune in Text.EnumerateRunes())
        {
            builder.Add(ByteAlphabet.Spell(Text.AsSpan(at, rune.Utf16SequenceLength)), starts[at], ends[at]);
            at += rune.Utf16SequenceLength;
        }
        return builder.Build();
    }

    private static string WithoutLoneSurrogates(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            return text;
        }
        char[] chars = text.ToCharArray();
        for (int i = 0; i < chars.Length; i++)
        {
            if (char.IsSurrogatePair(text, i))
            {
                i++;
            }
            else if (char.IsSurrogate(chars[i]))
            {
                chars[i] = '\uFFFD';
            }
        }
        return new string(chars);
    }

    private sealed class Builder(int capacity)
    {
        private readonly StringBuilder _text = new(capacity);
        private readonly List<int> _starts = new(capacity);
        private readonly List<int> _ends = new(capacity);

        internal void Add(string text, int start, int end)
        {
            _text.Append(text);
            for (int i = 0; i < text.Length; i++)
            {
                _starts.Add(start);
                _ends.Add(end);
            }
        }

        internal void Add(AlignedText piece, int start, int end)
        {
            _text.Append(piece.Text, start, end - start);
            (int[] starts, int[] ends) = piece.Alignment;
            _starts.AddRange(starts.AsSpan(start, end - start));
            _ends.AddRange(ends.AsSpan(start, end - start));
        }

        internal AlignedText Build() => new(_text.ToString(), [.. _starts], [.. _ends]);
    }

    private (int[] Starts, int[] Ends) Alignment => (starts, ends);
}
