using HyperDas.Engine.Experiments;
using Xunit;

namespace HyperDas.Engine.Tests.Experiments;

/// <summary>The documents in configs/ are right, against the files that the repository has.</summary>
public sealed class CommittedConfigsTests
{
    private static readonly string s_folder = Path.Combine(SharedData.RepositoryRoot(), "configs");

    public static TheoryData<string> Names => [.. Directory.GetFiles(s_folder, "*.yaml").Select(p => Path.GetFileName(p)).Order()];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_document_is_right_and_names_its_schema(string name)
    {
        string file = Path.Combine(s_folder, name);

        // The repository can't hold Llama-3-8B.
        IReadOnlyList<ExperimentRun> runs = ExperimentReader.Read(
            file, new ExperimentReadOptions { SkipFiles = name.StartsWith("llama", StringComparison.Ordinal) });

        Assert.StartsWith("# yaml-language-server: $schema=hyperdas.schema.json\n", File.ReadAllText(file));
        string artifacts = Path.Combine(SharedData.RepositoryRoot(), "artifacts", "experiments", Path.GetFileNameWithoutExtension(name));
        Assert.All(runs, r => Assert.StartsWith(artifacts, r.Path));
    }

    [Fact]
    public void Sweeps_have_the_runs_that_they_are_named_for()
    {
        Assert.Equal([1, 2, 3, 4, 5], Read("layer-sweep").Select(r => r.Settings.Method.Layer));
        Assert.Equal(12, Read("dimension-sweep").Count);
        Assert.Equal(12, Read("decoder-ablation").Count);
        Assert.Equal([false, true],
            Read("symmetric-asymmetric").Select(r => ((HypernetworkOptions)r.Settings.Method.Options!).Symmetric).Distinct());
        Assert.Equal(Enum.GetValues<InterpreterMethod>(), Read("methods").Select(r => r.Settings.Method.Name));
    }

    /// <summary>Spec/hyperdas 5.4: the settings that headline numbers are reproduced with.</summary>
    [Fact]
    public void The_papers_settings_are_the_papers()
    {
        Experiment[] papers =
            [.. Directory.GetFiles(s_folder, "llama-3-8b-*.yaml").Select(p => Read(Path.GetFileNameWithoutExtension(p)).Single().Settings)];

        Assert.Equal(6, papers.Length);
        Assert.All(papers, p =>
        {
            Assert.Equal(new HypernetworkOptions { Layer = 15 }.Faithful() with { Blocks = 8, FeatureDimension = 128,
                SubspaceInner = 14336 }, p.Method.Options);
            Assert.Equal(new TrainingOptions().Faithful() with { Epochs = 5, LearningRate = 2e-5 }, p.Training);
            Assert.Equal((InstructionStyle.EntityPair, 20000, 4000),
                (p.Data.Pairs!.InstructionStyle, p.Data.Pairs.TrainPerAttribute, p.Data.Pairs.TestPerAttribute));
        });
    }

    private static IReadOnlyList<ExperimentRun> Read(string name) =>
        ExperimentReader.Read(Path.Combine(s_folder, name + ".yaml"), new ExperimentReadOptions { SkipFiles = true });
}
