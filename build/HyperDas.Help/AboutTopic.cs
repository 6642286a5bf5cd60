using System.Text;

namespace HyperDas.Help;

/// <summary>An about_ page of docs/en-US as the plain text that <c>Get-Help about_…</c> shows, 80 columns wide.</summary>
internal static class AboutTopic
{
    private const int Width = 80, Indent = 4;

    /// <summary>Turns a page into text: headings at the margin, paragraphs wrapped and indented, code indented further.</summary>
    /// <param name="markdown">The page; its first line is <c># about_…</c>.</param>
    public static string Render(string markdown)
    {
        StringBuilder text = new();
        bool code = false, title = false;
        foreach (string line in markdown.ReplaceLineEndings("\n").Split('\n'))
        {
            // Get-Help takes the topic's fifth line for its synopsis: nothing may be between a heading and its text.
            if (title && line.Length == 0)
            {
                continue;
            }
            title = line.StartsWith("## ", StringComparison.Ordinal);
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                code = !code;
            }
            else if (code)
            {
                text.Append(' ', line.Length > 0 ? 2 * Indent : 0).Append(line).Append('\n');
            }
            else if (line.StartsWith("# ", StringComparison.Ordinal))
            {
                text.Append("TOPIC\n").Append(' ', Indent).Append(line.AsSpan(2)).Append('\n');
            }
            else if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                text.Append(line.AsSpan(3)).Append('\n');
            }
            else
            {
                Wrap(text, line);
            }
        }
        return text.ToString().TrimEnd() + "\n";
    }

    // A list item's further lines stand under its text, not under its mark.
    private static void Wrap(StringBuilder text, string line)
    {
        string[] words = line.Replace("`", "", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
        {
            text.Append('\n');
            return;
        }
        bool item = words[0] == "*" || (words[0].EndsWith('.') && int.TryParse(words[0][..^1], out _));
        int hanging = Indent + (item ? words[0].Length + 1 : 0), column = Indent;
        text.Append(' ', Indent).Append(words[0]);
        column += words[0].Length;
        foreach (string word in words.Skip(1))
        {
            if (column + 1 + word.Length > Width)
            {
                text.Append('\n').Append(' ', hanging).Append(word);
                column = hanging + word.Length;
            }
            else
            {
                text.Append(' ').Append(word);
                column += 1 + word.Length;
            }
        }
        text.Append('\n');
    }
}
