using HyperDas.Engine.Tests;
using Xunit;

namespace HyperDas.PowerShell.Tests.Examples;

/// <summary>Every example of every help page does what it says without an error.</summary>
[Collection(Programs.HelpExamples)]
[Trait("Lane", "Second")]
public sealed class HelpExampleTests(HelpSandbox sandbox) : IClassFixture<HelpSandbox>
{
    private static readonly Dictionary<(string Page, string Title), string[]> s_needs = new()
    {
        [("Import-RavelDataset", "Example 4: Read a dataset that the original published")] =
            ["data", "hyperdas-arrow", "city_country_test"],
        [("Save-RavelDataset", "Example 1: Download the benchmark and read a domain")] = ["data", "ravel"],
        [("Save-RavelDataset", "Example 2: Without a connection")] = ["data", "ravel"],
        [("Save-RavelDataset", "Example 3: From a mirror, over files that differ")] = ["data", "ravel"],
    };

    public static TheoryData<string, string> Examples
    {
        get
        {
            TheoryData<string, string> all = [];
            foreach (string page in Directory.GetFiles(Path.Combine(Repository.Root, "docs", "en-US"), "*-*.md")
                .Select(p => Path.GetFileNameWithoutExtension(p)).Order())
            {
                foreach (Help.HelpEntry example in HelpSandbox.Page(page).EntriesOf("EXAMPLES"))
                {
                    all.Add(page, example.Title);
                }
            }
            return all;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Examples))]
    public void An_example_runs(string page, string title)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "links need rights on Windows, and the packages of this machine's platform");
        Skip.If(page == "Save-HyperDasBackend" && title.EndsWith("For other platforms", StringComparison.Ordinal),
            "a machine has the packages of its own platform only");
        if (s_needs.TryGetValue((page, title), out string[]? data))
        {
            SharedData.Require(data);
        }

        string problem = sandbox.Outcome(page, title);
        Assert.True(problem.Length == 0, problem);
    }
}
