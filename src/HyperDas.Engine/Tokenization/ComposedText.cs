using System.Globalization;
using System.Text;

namespace HyperDas.Engine.Tokenization;

/// <summary>A text in composed form (NFC) that remembers which characters of the original each of its own came from.</summary>
internal sealed class ComposedText
{
    private readonly int[]? _starts;
    private readonly int[]? _ends;

    private ComposedText(string text, int[]? starts, int[]? ends)
    {
        Text = text;
        _starts = starts;
        _ends = ends;
    }

    /// <summary>The text in its form for the tokenizer.</summary>
    internal string Text { get; }

    /// <summary>A text that is used as it is.</summary>
    internal static ComposedText Same(string text) => new(text, null, null);

    /// <summary>Composes a text.</summary>
    /// <exception cref="HyperDasException"><c>TextNotComposed</c>: the process runs without Unicode tables, so composing is impossible.</exception>
    internal static ComposedText Compose(string text)
    {
        // Below U+0300 nothing combines: true for nearly all text, and needs no Unicode tables.
        if (!text.AsSpan().ContainsAnyInRange('\u0300', '\uFFFF') || (CanCompose() && text.IsNormalized(NormalizationForm.FormC)))
        {
            return Same(text);
        }
        if (!CanCompose())
        {
            if (text.EnumerateRunes().Any(rune => rune.Value >= 0x300 && IsMark(Rune.GetUnicodeCategory(rune))))
            {
                throw new HyperDasException(
                    "TextNotComposed", HyperDasErrorKind.InvalidArgument,
                    $"'{text}' has combining characters, which this tokenizer composes first (NFC), and this process runs without Unicode tables; write the text with composed characters.", text);
            }
            return Same(text);
        }
        StringBuilder composed = new(text.Length);
        List<int> starts = [];
        List<int> ends = [];
        for (int start = 0; start < text.Length;)
        {
            int length = StringInfo.GetNextTextElementLength(text, start);
            string element = text.Substring(start, length).Normalize(NormalizationForm.FormC);
            composed.Append(element);
            for (int i = 0; i < element.Length; i++)
            {
                starts.Add(start);
                ends.Add(start + length);
            }
            start += length;
        }
        return new ComposedText(composed.ToString(), [.. starts], [.. ends]);
    }

    /// <summary>Where characters [<paramref name="start"/>, <paramref name="end"/>) of <see cref="Text"/> came from.</summary>
    internal (int Start, int End) Original(int start, int end) =>
        _starts is null || _ends is null ? (start, end) : (_starts[start], _ends[end - 1]);

    private static bool CanCompose() => "e\u0301".Normalize(NormalizationForm.FormC).Length == 1;

    private static bool IsMark(UnicodeCategory category) =>
        category is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
}
