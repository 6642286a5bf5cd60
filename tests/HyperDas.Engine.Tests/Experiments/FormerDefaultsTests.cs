using HyperDas.Engine.Experiments;
using Xunit;

namespace HyperDas.Engine.Tests.Experiments;

public sealed class FormerDefaultsTests
{
    private static readonly string s_document = Path.Combine(SharedData.RepositoryRoot(), "configs", "quickstart.yaml");

    [Fact]
    public void A_run_goes_on_with_the_defaults_that_it_was_begun_with()
    {
        using TemporaryFolder folder = new();
        Begin(folder.Path, "data.instructionStyle=concept", "data.absentShare=0.15", "data.openingShare=0", "training.entityOnlyShare=0");
        RunFolder run = new(folder.Path);

        ExperimentRun now = run.AsBegun(Read(folder.Path));

        Assert.Equal(InstructionStyle.Concept, now.Settings.Data.Pairs!.InstructionStyle);
        Assert.Equal(0, now.Settings.Training.EntityOnlyShare);
        run.ThrowIfOther(now.Yaml);
    }

    [Fact]
    public void A_described_run_goes_on_with_the_former_shares()
    {
        using TemporaryFolder folder = new();
        string[] described = ["data.instructionStyle=descriptions"];
        Begin(folder.Path, [.. described, "data.absentShare=0.15", "data.openingShare=0", "training.entityOnlyShare=0"]);
        RunFolder run = new(folder.Path);

        ExperimentRun now = run.AsBegun(Read(folder.Path, described));

        Assert.Equal((0.15, 0), (now.Settings.Data.Pairs!.AbsentShare, now.Settings.Data.Pairs.OpeningShare));
        run.ThrowIfOther(now.Yaml);
    }

    [Theory]
    [InlineData("data.absentShare=0.6")]
    [InlineData("data.openingShare=0.1")]
    [InlineData("training.entityOnlyShare=0.8")]
    public void What_the_document_gave_and_gives_no_more_is_another_run(string setting)
    {
        using TemporaryFolder folder = new();
        Begin(folder.Path, setting);
        RunFolder run = new(folder.Path);

        Assert.Equal(
            "OutputExists", Assert.Throws<HyperDasException>(() => run.ThrowIfOther(run.AsBegun(Read(folder.Path)).Yaml)).ErrorId);
    }

    [Theory]
    [InlineData("data.instructionStyle=descriptions")]
    [InlineData("training.entityOnlyShare=0.5")]
    public void What_the_document_gives_is_another_run(string setting)
    {
        using TemporaryFolder folder = new();
        Begin(folder.Path, "data.instructionStyle=concept", "data.absentShare=0.15", "data.openingShare=0", "training.entityOnlyShare=0");
        RunFolder run = new(folder.Path);

        HyperDasException error = Assert.Throws<HyperDasException>(() => run.ThrowIfOther(run.AsBegun(Read(folder.Path, setting)).Yaml));

        Assert.Equal("OutputExists", error.ErrorId);
    }

    [Fact]
    public void Other_settings_are_another_run_whatever_their_defaults()
    {
        using TemporaryFolder folder = new();
        Begin(folder.Path, "training.learningRate=1e-5");
        RunFolder run = new(folder.Path);

        Assert.Contains(
            "learningRate", Assert.Throws<HyperDasException>(() => run.ThrowIfOther(run.AsBegun(Read(folder.Path)).Yaml)).Message);
    }

    private static ExperimentRun Read(string folder, params string[] settings) => Assert.Single(ExperimentReader.Read(
        s_document, new ExperimentReadOptions { SkipFiles = true, Set = [.. settings, $"outputs.path={folder}"] }));

    private static void Begin(string folder, params string[] settings) =>
        File.WriteAllText(Path.Combine(folder, RunFolder.DocumentFile), Read(folder, settings).Yaml);
}
