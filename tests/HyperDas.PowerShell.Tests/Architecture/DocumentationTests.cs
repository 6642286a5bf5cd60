using System.Text.RegularExpressions;
using Xunit;

namespace HyperDas.PowerShell.Tests.Architecture;

/// <summary>What comments and pages refer to is there: pages, headings of pages, and files.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string[] s_rooms = ["src", "tests", "benchmarks", "build", "examples", "configs", "module", "docs"];
    private static readonly string[] s_kinds = [".cs", ".ps1", ".psm1", ".psd1", ".ps1xml", ".md", ".yaml", ".json", ".targets", ".csproj"];
    private static readonly string[] s_apart = ["/bin/", "/obj/", "tests/Fixtures/kept/"];

    private static readonly string[] s_pages =
        [.. Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md"), Path.Combine(Repository.Root, "README.md")];

    [Fact]
    public void No_file_refers_to_a_text_outside_of_the_repository()
    {
        Assert.Empty(from file in Files() from Match match in Outside()
            .Matches(File.ReadAllText(file)) select $"{Named(file)}: {match.Value}");
    }

    [Fact]
    public void Every_page_and_heading_that_is_referred_to_exists()
    {
        (string File, string Page, string Heading)[] references =
        [
            .. from file in Files()
               from Match match in Page().Matches(File.ReadAllText(file))
               select (file, match.Groups["page"].Value, match.Groups["heading"].Value),
        ];

        Assert.True(references.Count(r => r.Heading.Length > 0) > 100, $"{references.Length} references");
        Assert.Empty(references.Where(r => !Exists(Path.Combine(Repository.Root, r.Page), r.Heading))
            .Select(r => $"{Named(r.File)}: {r.Page}#{r.Heading}"));
    }

    [Fact]
    public void Every_link_in_a_page_leads_somewhere()
    {
        (string Page, string Target)[] links =
        [
            .. from page in s_pages
               from Match match in Link().Matches(File.ReadAllText(page))
               let target = match.Groups[1].Value
               where !target.Contains("://", StringComparison.Ordinal)
               select (page, target),
        ];

        Assert.NotEmpty(links);
        Assert.Empty(links.Where(l => !Leads(l.Page, l.Target)).Select(l => $"{Named(l.Page)}: {l.Target}"));
    }

    [Fact]
    public void Every_source_file_that_a_page_names_exists()
    {
        string[] sources = [.. Files().Select(Named)];
        (string Page, string File)[] files =
        [
            .. from page in s_pages
               from Match match in SourceFile().Matches(File.ReadAllText(page))
               select (page, match.Groups[1].Value),
        ];

        Assert.True(files.Length > 50, $"{files.Length} files");
        // A page that has named a room or folder continues with the rest of the path only.
        Assert.Empty(files.Where(f => !sources.Any(source => ("/" + source).EndsWith("/" + f.File, StringComparison.Ordinal)))
            .Select(f => $"{Named(f.Page)}: {f.File}"));
    }

    private static bool Leads(string page, string target)
    {
        string[] parts = target.Split('#');
        string path = parts[0].Length == 0 ? page : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page)!, parts[0]));
        return parts.Length == 1 ? Path.Exists(path) : Exists(path, parts[1]);
    }

    private static bool Exists(string page, string heading) =>
        File.Exists(page) && (heading.Length == 0 || Headings(page).Contains(heading));

    // GitHub's anchors: lower case, letters, digits and hyphens, spaces as hyphens.
    private static IEnumerable<string> Headings(string page) => File.ReadLines(page).Where(line => line.StartsWith('#'))
        .Select(line => NotInAnchors().Replace(line.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    private static IEnumerable<string> Files() => s_rooms.SelectMany(room => Directory.EnumerateFiles(
            Path.Combine(Repository.Root, room), "*", SearchOption.AllDirectories))
        .Append(Path.Combine(Repository.Root, "README.md"))
        .Where(file => s_kinds.Contains(Path.GetExtension(file))
            && !s_apart.Any(part => Named(file).Contains(part, StringComparison.Ordinal)))
        .Where(file => Path.GetFileName(file) != $"{nameof(DocumentationTests)}.cs");

    private static string Named(string file) => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/');

    [GeneratedRegex(@"\bspec/(hyperdas|ravel)\b|\(spec \d|\.\./shared/|docs/method\.md")]
    private static partial Regex Outside();

    [GeneratedRegex(@"(?<![\w/.-])(?<page>docs/[\w-]+\.md)(#(?<heading>[a-z0-9-]+))?")]
    private static partial Regex Page();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    // NewFamily stands for whatever family a reader adds.
    [GeneratedRegex(@"`(?![\w/]*NewFamily)([\w./-]+\.(?:cs|targets|ps1))`")]
    private static partial Regex SourceFile();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NotInAnchors();
}
