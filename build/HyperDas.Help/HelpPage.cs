using System.Text.RegularExpressions;

namespace HyperDas.Help;

/// <summary>A page of docs/en-US: second-level headings are sections, third-level headings entries of a section.</summary>
/// <param name="Sections">Text under each second-level heading, up to the first entry.</param>
/// <param name="Entries">Text under each third-level heading, by section, in order.</param>
internal sealed partial record HelpPage(
    IReadOnlyDictionary<string, string> Sections, IReadOnlyDictionary<string, IReadOnlyList<HelpEntry>> Entries)
{
    public static HelpPage Read(string path) => Parse(File.ReadAllText(path).ReplaceLineEndings("\n"));

    public static HelpPage Parse(string markdown)
    {
        Dictionary<string, string> sections = [];
        Dictionary<string, IReadOnlyList<HelpEntry>> entries = [];
        foreach (string section in SectionStart().Split(markdown).Skip(1))
        {
            (string title, string body) = Split(section);
            string[] parts = EntryStart().Split(body);
            sections[title] = parts[0].Trim();
            entries[title] = [.. parts.Skip(1).Select(Split).Select(e => new HelpEntry(e.Title, e.Body.Trim()))];
        }
        return new HelpPage(sections, entries);
    }

    public string Section(string title) => Sections.GetValueOrDefault(title, "");

    public IReadOnlyList<HelpEntry> EntriesOf(string title) => Entries.GetValueOrDefault(title, []);

    private static (string Title, string Body) Split(string text)
    {
        int end = text.IndexOf('\n', StringComparison.Ordinal);
        return end < 0 ? (text.Trim(), "") : (text[..end].Trim(), text[(end + 1)..]);
    }

    [GeneratedRegex("^## ", RegexOptions.Multiline)]
    private static partial Regex SectionStart();

    [GeneratedRegex("^### ", RegexOptions.Multiline)]
    private static partial Regex EntryStart();
}
