namespace HyperDas.Engine.Tokenization.Chat.Jinja;

/// <summary>Kinds of a template's parts.</summary>
internal enum JinjaPartKind
{
    /// <summary>Text that is written as is.</summary>
    Text,

    /// <summary>An expression whose value is written: <c>{{ … }}</c>.</summary>
    Output,

    /// <summary>A statement: <c>{% … %}</c>.</summary>
    Statement,
}

/// <summary>A part of a template.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Content">Its text, without the delimiters.</param>
internal readonly record struct JinjaPart(JinjaPartKind Kind, string Content)
{
    /// <summary>
    /// Splits a template into its parts, with Hugging Face's treatment of white space: a newline after a statement and blanks before one
    /// that is first in its line are removed (<c>trim_blocks</c>, <c>lstrip_blocks</c>).
    /// </summary>
    /// <param name="template">The template.</param>
    /// <exception cref="JinjaException">A part has no end.</exception>
    public static List<JinjaPart> Cut(string template)
    {
        List<JinjaPart> parts = [];
        // A single newline at the end of the file isn't part of the template.
        string source = template.ReplaceLineEndings("\n");
        source = source.EndsWith('\n') ? source[..^1] : source;
        int at = 0;
        bool strips = false, trims = false;
        while (true)
        {
            int open = NextOpen(source, at);
            string text = source[at..(open < 0 ? source.Length : open)];
            text = strips ? text.TrimStart() : trims && text.StartsWith('\n') ? text[1..] : text;
            char kind = open < 0 ? ' ' : source[open + 1];
            char before = open >= 0 && open + 2 < source.Length ? source[open + 2] : ' ';
            if (before == '-')
            {
                text = text.TrimEnd();
            }
            else if (kind is '%' or '#' && before != '+' && IsFirstInLine(source, open))
            {
                text = text.TrimEnd(' ', '\t');
            }
            if (text.Length > 0)
            {
                parts.Add(new JinjaPart(JinjaPartKind.Text, text));
            }
            if (open < 0)
            {
                return parts;
            }
            int start = open + (before is '-' or '+' ? 3 : 2), close = Close(source, start, kind);
            bool minus = close > start && source[close - 1] == '-', plus = close > start && source[close - 1] == '+' && kind != '{';
            string content = source[start..Math.Max(start, minus || plus ? close - 1 : close)];
            if (kind != '#')
            {
                parts.Add(new JinjaPart(kind == '{' ? JinjaPartKind.Output : JinjaPartKind.Statement, content));
            }
            at = close + 2;
            (strips, trims) = (minus, kind != '{' && !plus);
        }
    }

    private static int NextOpen(string source, int from)
    {
        for (int at = source.IndexOf('{', from); at >= 0 && at + 1 < source.Length; at = source.IndexOf('{', at + 1))
        {
            if (source[at + 1] is '{' or '%' or '#')
            {
                return at;
            }
        }
        return -1;
    }

    // Quoted texts and braces of dictionaries may look like the end.
    private static int Close(string source, int start, char kind)
    {
        if (kind == '#')
        {
            return source.IndexOf("#}", start, StringComparison.Ordinal) is int end and >= 0
                ? end
                : throw new JinjaException("a comment isn't closed");
        }
        int depth = 0;
        for (int at = start; at + 1 < source.Length; at++)
        {
            switch (source[at])
            {
                case '\'' or '"':
                    char quote = source[at];
                    for (at++; at < source.Length && source[at] != quote; at++)
                    {
                        at += source[at] == '\\' ? 1 : 0;
                    }
                    break;
                case '%' when kind == '%' && source[at + 1] == '}':
                case '}' when kind == '{' && depth == 0 && source[at + 1] == '}':
                    return at;
                case '{':
                    depth++;
                    break;
                case '}':
                    depth--;
                    break;
            }
        }
        throw new JinjaException($"'{source[(start - 2)..Math.Min(source.Length, start + 30)]}' isn't closed");
    }

    private static bool IsFirstInLine(string source, int open)
    {
        int at = open;
        while (at > 0 && source[at - 1] is ' ' or '\t')
        {
            at--;
        }
        return at == 0 || source[at - 1] == '\n';
    }
}
