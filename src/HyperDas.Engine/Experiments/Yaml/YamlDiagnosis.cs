namespace HyperDas.Engine.Experiments.Yaml;

/// <summary>
/// Finds the most common mistakes in invalid YAML: indentation with a tab, and a bracket or quotation mark that isn't closed. For the
/// former, YamlDotNet reports the preceding line; for the latter, an unrelated position.
/// </summary>
internal static class YamlDiagnosis
{
    /// <summary>What is likely wrong, and where.</summary>
    /// <param name="text">A text that can't be read.</param>
    /// <returns>Line and column from 1 and a sentence; null where it is something else.</returns>
    public static (int Line, int Column, string Message)? Of(string text)
    {
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            int indent = lines[i].Length - lines[i].TrimStart(' ', '\t').Length;
            int tab = lines[i].AsSpan(0, indent).IndexOf('\t');
            if (tab >= 0 && indent < lines[i].TrimEnd('\r').Length && lines[i][indent] != '#')
            {
                return (i + 1, tab + 1, "This isn't YAML: the line is indented with a tab; use spaces.");
            }
        }
        return Unclosed(lines);
    }

    private static (int Line, int Column, string Message)? Unclosed(string[] lines)
    {
        Stack<(int Line, int Column, char Bracket)> open = [];
        for (int i = 0; i < lines.Length; i++)
        {
            char quote = '\0';
            int quoted = 0;
            // The last nonblank character of the line so far: within a word, brackets and quotation marks are plain characters.
            char before = '\0';
            for (int at = 0; at < lines[i].Length; at++)
            {
                char letter = lines[i][at];
                bool startsValue = before is '\0' or ':' or '-' or ',' or '[' or '{';
                before = char.IsWhiteSpace(letter) ? before : letter;
                if (quote != '\0')
                {
                    bool escapes = quote == '"' ? letter == '\\' : letter == quote && lines[i].AsSpan(at + 1).StartsWith("'");
                    at += escapes ? 1 : 0;
                    quote = letter == quote && !escapes ? '\0' : quote;
                }
                else if (letter == '#' && (at == 0 || char.IsWhiteSpace(lines[i][at - 1])))
                {
                    break;
                }
                else if (startsValue && letter is '"' or '\'')
                {
                    (quote, quoted) = (letter, at);
                }
                else if (letter is '[' or '{' && (open.Count > 0 || startsValue))
                {
                    open.Push((i + 1, at + 1, letter));
                }
                else if (letter is ']' or '}' && open.Count > 0)
                {
                    open.Pop();
                }
            }
            // A quoted text may continue in the next line, but must end.
            if (quote != '\0' && !lines.Skip(i + 1).Any(line => line.Contains(quote)))
            {
                return (i + 1, quoted + 1, $"This isn't YAML: the quotation mark {quote} isn't closed.");
            }
        }
        return open.Count == 0
            ? null
            : (open.Peek().Line, open.Peek().Column, $"This isn't YAML: the bracket '{open.Peek().Bracket}' isn't closed.");
    }
}
