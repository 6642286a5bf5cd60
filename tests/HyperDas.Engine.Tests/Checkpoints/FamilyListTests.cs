using System.Text.RegularExpressions;
using HyperDas.Engine.Checkpoints.Families;
using HyperDas.Engine.Training.Pretraining;
using Xunit;
using static HyperDas.Engine.Tests.Documents;

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
            .. Regex.Matches(Read("docs", "families.md").Split("\n## ")[0], @"^\| `(\w+)` \|", RegexOptions.Multiline)
                .Select(m => m.Groups[1].Value).Where(n => n != "model_type")
        ];

        Assert.Equal(Types.Order(), lines.Order());
    }

    [Fact]
    public void The_readme_names_every_family()
    {
        Dictionary<string, string> names = new()
        {
            ["llama"] = "Llama", ["mistral"] = "Mistral", ["qwen2"] = "Qwen 2", ["qwen3"] = "Qwen 3", ["gemma"] = "Gemma 1",
            ["gemma2"] = "Gemma 2", ["gemma3_text"] = "Gemma 3", ["gpt2"] = "GPT-2", ["gpt_neox"] = "GPT-NeoX", ["phi3"] = "Phi 3",
            ["olmo2"] = "OLMo 2", ["granite"] = "Granite", ["smollm3"] = "SmolLM 3",
        };
        string sentence = Regex.Match(Read("README.md"), @"Target models: (.*?), each equal", RegexOptions.Singleline).Groups[1].Value;
        string named = Regex.Replace(sentence, @"\s*\([^)]*\)", "");
        // "Gemma 1, 2 and 3": a number by itself belongs to the name before it.
        List<string> all = [];
        foreach (string part in Regex.Split(named, @",?\s+and\s+|,\s+"))
        {
            all.Add(char.IsDigit(part[0]) ? Regex.Replace(all[^1], @"[\d.]+$", part) : part.Trim());
        }

        Assert.Equal(Types.Select(type => names[type]).Append("Qwen 2.5").Order(), all.Order());
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

    [Fact]
    public void Types_whose_dependencies_are_missing_hide_no_family() => Assert.Equal(
        [typeof(string)],
        ModelFamily.Loadable(() => throw new System.Reflection.ReflectionTypeLoadException(
            [typeof(string), null], [null, new FileNotFoundException()])));
}
