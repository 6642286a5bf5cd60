using System.Text.RegularExpressions;
using HyperDas.Engine.Experiments;
using Xunit;

namespace HyperDas.Engine.Tests.Experiments;

public sealed partial class ExperimentScaffoldTests
{
    [Theory]
    [InlineData(InterpreterMethod.HyperDas)]
    [InlineData(InterpreterMethod.Sae)]
    public void The_comments_show_every_key_with_its_default(InterpreterMethod method)
    {
        using TemporaryFolder folder = new();
        string file = Path.Combine(folder.Path, "new.yaml");

        ExperimentScaffold.Write(
            file, Path.Combine(folder.Path, "model"), Path.Combine(folder.Path, "data"), ["city", "verb"], method, layer: 2);
        string before = Yaml(file);
        // Where the run goes depends on the document's name, so that its comment is an example.
        File.WriteAllText(file, Commented().Replace(File.ReadAllText(file), "$1$2").Replace("path: runs/name", "path: runs/new"));

        Assert.Equal(before, Yaml(file));
        Assert.Empty(ExperimentKeys.All.Keys.Select(k => k.Split('.')[^1]).Where(k => before.Contains($" {k}:"))
            .Except(KeysOf(File.ReadAllText(file))));
    }

    [Fact]
    public void The_schema_lies_beside_the_document()
    {
        using TemporaryFolder folder = new();

        ExperimentScaffold.Write(Path.Combine(folder.Path, "new.yaml"), folder.Path, folder.Path, [], InterpreterMethod.HyperDas, layer: 2);

        Assert.Equal(
            File.ReadAllText(Path.Combine(SharedData.RepositoryRoot(), "configs", "hyperdas.schema.json")),
            File.ReadAllText(Path.Combine(folder.Path, "hyperdas.schema.json")));
        Assert.StartsWith(
            "# yaml-language-server: $schema=hyperdas.schema.json\n", File.ReadAllText(Path.Combine(folder.Path, "new.yaml")));
    }

    private static string Yaml(string file) => ExperimentReader.Read(file, new ExperimentReadOptions { SkipFiles = true }).Single().Yaml;

    private static IEnumerable<string> KeysOf(string text) => Key().Matches(text).Select(m => m.Groups[1].Value);

    // "  # epochs: 6" and "#   epochs: 6", but no comment in words.
    [GeneratedRegex(@"^( *)# ((?:  )?[a-z][A-Za-z]*:(?: .*)?)$(?<!sweep:.*)(?<!seed: \[.*)", RegexOptions.Multiline)]
    private static partial Regex Commented();

    [GeneratedRegex(@"^ *([a-z][A-Za-z]*):", RegexOptions.Multiline)]
    private static partial Regex Key();
}
