using System.Text.RegularExpressions;
using HyperDas.Engine.Checkpoints.Families;
using HyperDas.Engine.Tests.Golden;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Tests.Methods;
using HyperDas.Engine.Tests.Training.States;
using Xunit;

namespace HyperDas.Engine.Tests.Checkpoints;

/// <summary>The table in docs/families.md of what works with each family is what tests do with each.</summary>
public class FamilyTableTests
{
    // The tests of each column, and the cases that they get.
    private static readonly Dictionary<string, (Type Tests, IEnumerable<object[]> Cases)[]> s_columns = new()
    {
        ["import"] = [(typeof(FamilyGoldenTests), FamilyGoldenTests.Cases()),
            (typeof(LanguageModelGoldenTests), LanguageModelGoldenTests.Cases())],
        ["generate"] = [(typeof(LanguageModelGoldenTests), LanguageModelGoldenTests.GreedyCases())],
        ["train HyperDAS"] = [(typeof(FamilyMethodTests), FamilyMethodTests.Cases())],
        ["train MDAS"] = [(typeof(FamilyMethodTests), FamilyMethodTests.Cases())],
        ["score"] = [(typeof(FamilyMethodTests), FamilyMethodTests.Cases())],
        ["resume"] = [(typeof(ResumedFamilyTests), ResumedFamilyTests.Families())],
    };

    public static TheoryData<string> Columns() => [.. s_columns.Keys];

    private static string[] Section { get; } = Documents.Read("docs", "families.md")
        .Split("\n## ").Single(part => part.StartsWith("What works with each family", StringComparison.Ordinal)).Split('\n');

    private static string[][] Rows { get; } =
    [
        .. Section.Where(line => line.StartsWith('|') && !line.StartsWith("|---", StringComparison.Ordinal))
            .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray()),
    ];

    [Fact]
    public void It_has_a_row_for_each_family_and_a_column_for_each_action()
    {
        Assert.Equal(ModelFamily.All.Select(f => f.Type).Order(), Rows.Skip(1).Select(row => row[0].Trim('`')).Order());
        Assert.Equal(s_columns.Keys, Rows[0].Skip(1));
    }

    [SkippableTheory]
    [MemberData(nameof(Columns))]
    public void Its_cells_are_the_families_that_tests_cover(string column)
    {
        Skip.If(Environment.GetEnvironmentVariable(GoldenCase.FolderVariable) is { Length: > 0 }, "Another root of cases is being tested.");
        int index = Array.IndexOf(Rows[0], column);

        foreach ((Type tests, IEnumerable<object[]> cases) in s_columns[column])
        {
            HashSet<string> covered = [.. cases.Select(one => GoldenModels.FamilyOf((string)one[0]))];
            Assert.All(Rows.Skip(1), row => Assert.Equal(covered.Contains(row[0].Trim('`')) ? "yes" : "no", row[index]));
            string named = Section.Single(line => Regex.IsMatch(line, $@"^\* [^:]*\b{column}\b"));
            Assert.Contains($"`{tests.Name}`", named, StringComparison.Ordinal);
        }
    }
}
