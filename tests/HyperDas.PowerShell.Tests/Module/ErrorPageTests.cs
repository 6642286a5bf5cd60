using System.Text.RegularExpressions;
using Xunit;

namespace HyperDas.PowerShell.Tests.Module;

/// <summary>Scripts should test error ids, so one page lists all that exist and no others.</summary>
public sealed partial class ErrorPageTests
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "en-US", "about_HyperDasErrors.md"));

    [Fact]
    public void Every_error_id_of_the_sources_is_explained()
    {
        string[] missing = [.. SourceIds().Except(PageIds()).Order()];

        Assert.True(missing.Length == 0, $"about_HyperDasErrors lacks {string.Join(", ", missing)}");
    }

    [Fact]
    public void Every_error_id_of_the_page_exists()
    {
        HashSet<string> literals = [.. Sources().SelectMany(s => Literal().Matches(s)).Select(m => m.Groups[1].Value)];

        Assert.All(PageIds(), id => Assert.Contains(id, literals));
    }

    private static IEnumerable<string> PageIds() => PageEntry().Matches(s_page).Select(m => m.Groups[1].Value);

    private static IEnumerable<string> SourceIds() =>
        Sources().SelectMany(s => RaisedId().Matches(s).Concat(ConstantId().Matches(s)).Concat(ThrownId().Matches(s)))
            .Select(m => m.Groups[1].Value).Distinct();

    private static IEnumerable<string> Sources() => Directory
        .GetFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
        .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
        .Concat(Directory.GetFiles(Repository.Module, "*.psm1"))
        .Select(path => File.ReadAllText(path));

    [GeneratedRegex(@"^\* ([A-Z]\w+):", RegexOptions.Multiline)]
    private static partial Regex PageEntry();

    // new HyperDasException("Id", HyperDasErrorKind.Kind, ...), also over several lines or without the type's name.
    [GeneratedRegex(@"""([A-Z][A-Za-z]{4,})"",\s*HyperDasErrorKind\.")]
    private static partial Regex RaisedId();

    [GeneratedRegex(@"const string (?:\w*Error\w*|\w*Id) = ""([A-Z][A-Za-z]{4,})""")]
    private static partial Regex ConstantId();

    // In a script: the arguments of an ErrorRecord after its exception.
    [GeneratedRegex(@"'([A-Z][A-Za-z]{4,})', 'ResourceExists'")]
    private static partial Regex ThrownId();

    [GeneratedRegex(@"[""']([A-Z][A-Za-z]{4,})[""']")]
    private static partial Regex Literal();
}
