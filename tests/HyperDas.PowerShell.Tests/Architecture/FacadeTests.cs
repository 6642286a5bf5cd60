using System.Text.RegularExpressions;
using ArchUnitNET.Domain;
using Xunit;

namespace HyperDas.PowerShell.Tests.Architecture;

/// <summary>
/// A cmdlet resolves, calls and writes. What it calls of the engine stands in docs/architecture.md, and a C# program can call it too.
/// </summary>
public sealed partial class FacadeTests
{
    private const string Cmdlets = "HyperDas.PowerShell", Engine = "HyperDas.Engine.";

    // What makes something of parts: whoever names one does the engine's work.
    private static readonly string[] s_inner =
        ["Builder", "Sampler", "Oracle", "Filter", "Upsampler", "Collator", "Provenance", "Completions", "Cache", "Loop", "Trainer"];

    [Fact]
    public void Cmdlets_call_what_the_page_lists_and_all_of_it()
    {
        string[] listed = [.. Listed()], called = [.. Called().Select(ShortName).Distinct().Order(StringComparer.Ordinal)];

        Assert.True(listed.Length > 20, $"{listed.Length} listed");
        Assert.True(
            listed.SequenceEqual(called),
            $"docs/architecture.md#calls lacks {string.Join(", ", called.Except(listed))}; no cmdlet calls {string.Join(", ", listed.Except(called))}.");
    }

    [Fact]
    public void Cmdlets_name_no_part_that_the_engine_makes_things_of() => Assert.Empty(
        from type in Layers.Of(Cmdlets)
        from used in Layers.Uses(type)
        where used.StartsWith(Engine, StringComparison.Ordinal) && s_inner.Any(end => ShortName(used).EndsWith(end, StringComparison.Ordinal))
        select $"{type.FullName} names {used}");

    // Static calls and constructors, but not of records, which are what calls are given.
    private static IEnumerable<string> Called()
    {
        HashSet<string> records =
            [.. Layers.Of("HyperDas.Engine").Where(t => t.Members.Any(m => m.Name.StartsWith("<Clone>$", StringComparison.Ordinal)))
                .Select(t => t.FullName)];
        return
        [
            .. Layers.Of(Cmdlets).SelectMany(t => t.Dependencies).OfType<ArchUnitNET.Domain.Dependencies.MethodCallDependency>()
                .Select(call => call.TargetMember).OfType<MethodMember>()
                .Where(member => member.IsStatic == true || member.MethodForm == MethodForm.Constructor)
                .Select(member => member.DeclaringType.FullName)
                .Where(name => name.StartsWith(Engine, StringComparison.Ordinal) && !records.Contains(name)),
        ];
    }

    private static IEnumerable<string> Listed()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "architecture.md")).ReplaceLineEndings("\n");
        string section = page[page.IndexOf("\n## Calls\n", StringComparison.Ordinal)..];
        section = section[..section.IndexOf("\n## ", 1, StringComparison.Ordinal)];
        return section.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(line => Name().Matches(line.Split('|')[1]).Select(match => match.Groups[1].Value))
            .Distinct().Order(StringComparer.Ordinal);
    }

    private static string ShortName(string type) => type.Split('.', '+', '/')[^1];

    [GeneratedRegex(@"`(\w+)")]
    private static partial Regex Name();
}
