using System.Text.RegularExpressions;
using HyperDas.Engine.Checkpoints.Families;
using HyperDas.Engine.Training.Pretraining;
using Xunit;

namespace HyperDas.Engine.Tests.Checkpoints;

/// <summary>What the documents say of families is what the code has.</summary>
public class FamilyListTests
{
    private static IEnumerable<string> Types => ModelFamily.All.Select(f => f.Type);

    [Fact]
    public void The_page_of_families_has_a_line_for_each()
    {
        string[] lines =
        [
            .. Regex.Matches(Read("docs", "families.md"), @"^\| `(\w+)` \|", RegexOptions.Multiline).Select(m => m.Groups[1].Value)
                .Where(n => n != "model_type")
        ];

        Assert.Equal(Types.Order(), lines.Order());
    }

    [Fact]
    public void The_help_of_the_import_names_every_family()
    {
        string sentence = Regex.Match(
            Read("docs", "en-US", "Import-HyperDasModel.md"), @"These families \(`model_type`\) are supported: ([^.]*)\.").Groups[1].Value;

        Assert.Equal(Types.Order(), Regex.Matches(sentence, "`(\\w+)`").Select(m => m.Groups[1].Value).Order());
    }

    [Fact]
    public void The_help_of_pretraining_names_every_family_that_can_be_trained()
    {
        string section = Regex.Match(Read("docs", "en-US", "Start-HyperDasPretraining.md"), @"### -Family\s+([^#]*)\n### ").Groups[1].Value;
        string sentence = section[..section.IndexOf('.')];

        Assert.Equal(Pretrainer.Families.Order(),
            Regex.Matches(sentence, "`(\\w+)`").Select(m => m.Groups[1].Value).Where(n => n != "model_type").Order());
    }

    private static string Read(params string[] path)
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && folder.GetFiles("*.sln").Length == 0)
        {
            folder = folder.Parent;
        }
        return File.ReadAllText(Path.Combine([folder!.FullName, .. path]));
    }

    [Fact]
    public void Types_whose_dependencies_are_missing_hide_no_family() => Assert.Equal(
        [typeof(string)],
        ModelFamily.Loadable(() => throw new System.Reflection.ReflectionTypeLoadException(
            [typeof(string), null], [null, new FileNotFoundException()])));
}
