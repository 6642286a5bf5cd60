using System.Text;

namespace HyperDas.Engine.Tokenization;

/// <summary>
/// A piece of a text on its way to the model, which remembers which characters of the original each of its own stands for.
/// </summary>
/// <param name="text">The piece as it is now.</param>
/// <param name="starts">For each of its UTF-16 characters the first one of the original.</param>
/// <param name="ends">And one past the last.</param>
internal sealed class AlignedText(string text, int[] starts, int[] ends)
{
    /// <summary>The piece as it is now.</summary>
    internal string Text { get; } = text;

    /// <summary>How many characters it has.</summary>
    internal int Length => Text.Length;

    /// <summary>Whether it begins where the original begins.</summary>
    internal bool IsFirst => Length > 0 && starts[0] == 0;

    /// <summary>A text that nothing was done to yet; both halves of a surrogate pair stand for the whole character.</summary>
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

    /// <summary>The characters [<paramref name="start"/>, <paramref name="end"/>).</summary>
    internal AlignedText Slice(int start, int end) =>
        start == 0 && end == Length ? this : new AlignedText(Text[start..end], starts[start..end], ends[start..end]);

    /// <summary>Where the characters [<paramref name="start"/>, <paramref name="end"/>) came from.</summary>
    internal (int Start, int End) Original(int start, int end) => (starts[start], ends[end - 1]);

    /// <summary>Something put before it, which stands for the piece's first character.</summary>
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

    /// <summary>Some parts replaced.</summary>
    /// <param name="parts">What to replace, in order.</param>
    /// <param name="content">By what.</param>
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
    /// The composed form (NFC). A letter stands for the character that it was written with, not for the marks
    /// after it, as in the reference.
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

    /// <summary>Its UTF-8 bytes, spelled in the byte alphabet; each stands for its whole character.</summary>
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
