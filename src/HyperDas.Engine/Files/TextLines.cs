using System.Text;

namespace HyperDas.Engine.Files;

/// <summary>A line of a file.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Text">The text without its line ending.</param>
/// <param name="IsEnded">Whether a line ending follows; the last line of a killed writer has none.</param>
internal readonly record struct TextLine(int Number, string Text, bool IsEnded);

/// <summary>Reads a text file line by line, with a limit on the line length.</summary>
internal static class TextLines
{
    /// <summary>Maximum number of characters in a line.</summary>
    public const int MaxLength = 1 << 20;

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the lines; the file stays open during the enumeration.</summary>
    /// <param name="path">The file.</param>
    /// <param name="errorId">Error id if a line is too long or isn't UTF-8.</param>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>, <c>FileUnreadable</c>, or <paramref name="errorId"/>.</exception>
    public static IEnumerable<TextLine> Read(string path, string errorId)
    {
        using StreamReader reader = WholeFile.Try(path, () => new StreamReader(WholeFile.Open(path), s_utf8));
        for (int number = 1; Next(path, errorId, reader, number) is TextLine line; number++)
        {
            yield return line;
        }
    }

    private static TextLine? Next(string path, string errorId, StreamReader reader, int number) => WholeFile.Try<TextLine?>(path, () =>
    {
        StringBuilder text = new();
        int letter;
        try
        {
            while ((letter = reader.Read()) is not (-1 or '\n'))
            {
                if (text.Length == MaxLength)
                {
                    throw Invalid($"it has more than {MaxLength:N0} characters");
                }
                text.Append((char)letter);
            }
        }
        catch (DecoderFallbackException e)
        {
            throw Invalid("it isn't UTF-8", e);
        }
        if (letter < 0 && text.Length == 0)
        {
            return null;
        }
        if (text.Length > 0 && text[^1] == '\r')
        {
            text.Length--;
        }
        return new TextLine(number, text.ToString(), letter >= 0);

        HyperDasException Invalid(string why, Exception? inner = null) =>
            new(errorId, HyperDasErrorKind.InvalidData,
                FormattableString.Invariant($"'{path}' is damaged at line {number}: {why}."), path, inner);
    });
}
