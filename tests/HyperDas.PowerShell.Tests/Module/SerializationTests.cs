using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Xunit;

namespace HyperDas.PowerShell.Tests.Module;

/// <summary>
/// Records pass through PowerShell's own serialisation, as in Start-Job, remoting and Export-Clixml, and are the same again.
/// </summary>
public sealed class SerializationTests : IDisposable
{
    private readonly ModuleSession _session = new();

    private static readonly RavelExample s_example = new()
    {
        Domain = "city", Kind = RavelExampleKind.Isolate, Attribute = "Country", AskedAttribute = "Language",
            Instruction = "the country of a city",
        BaseEntity = "Zürich", SourceEntity = "東京", BasePrefix = "Zürich", BaseSuffix = " speaks",
        SourcePrefix = "I love 東京", SourceSuffix = "",
        BaseTemplate = "%s speaks", BaseValue = "German", SourceValue = "Japanese", HeldOut = RavelHeldOut.Entity, BaseGoldValue = "German",
    };

    private static readonly RavelScore s_score = new()
    {
        Domain = "city", Attribute = "Country", Method = "HyperDas", SelectionMode = SelectionMode.OneToOne, Cause = 62.5, Isolate = 91.25,
            CauseCount = 8, IsolateCount = 16,
        Dialect = RavelDialect.Ravel, Layer = 3, CauseInterval = new ScoreInterval(50.5, 70),
        DisentangleInterval = new ScoreInterval(70, 80),
    };

    public static TheoryData<object> Records =>
    [
        s_example,
        s_score,
        RavelScoreComparison.Of(s_score, s_score with { Cause = 99 }),
        new GenerationResult("Vienna is in", " Austria", 2),
        new TrainingStep(7, 0.5, 1.25, 1, 0.25, 3, 1e-4),
    ];

    public void Dispose() => _session.Dispose();

    [Theory]
    [MemberData(nameof(Records))]
    public void A_record_is_the_same_again(object record) => Assert.Equal(record, Again(record));

    [Fact]
    public void An_intervention_keeps_its_tokens_and_weights()
    {
        InterventionResult intervention = new()
        {
            BasePrompt = "Vienna is in", CounterfactualPrompt = "I love Paris", Concept = "the country of a city",
                SelectionMode = SelectionMode.Soft,
            OriginalOutput = "Austria", IntervenedOutput = "France", BaseTokens = ["V", "ienna"], SourceTokens = ["P", "aris"],
            ChosenTokens = [new TokenChoice("ienna", 1, "aris", 1, 0.98)], Weights = [[0.125, 0.98], [0.875, 0.02]],
        };

        InterventionResult again = Assert.IsType<InterventionResult>(Again(intervention));

        Assert.Equal(intervention.ChosenTokens, again.ChosenTokens);
        Assert.Equal(intervention.BaseTokens, again.BaseTokens);
        Assert.Equal(intervention.Weights, again.Weights);
        Assert.Equal((intervention.IntervenedOutput, intervention.SelectionMode), (again.IntervenedOutput, again.SelectionMode));
    }

    [Fact]
    public void A_dataset_keeps_its_examples_and_where_it_came_from()
    {
        RavelProvenance provenance = new()
        {
            Builder = RavelBuilder.Ravel, SourceFiles = [new RavelSourceFile("ravel_city.json", "ab12")], Model = "toy",
                ModelFingerprint = "f1", TokenizerFingerprint = "f2",
            TimeZoneDate = new DateOnly(2024, 7, 1),
        };
        RavelDataset dataset = new("toy", ["city"], ["Country"], [s_example], [], [s_example, s_example], 5,
            new RavelBuildCounts(1, 2, 3, 4)) { Provenance = provenance };

        RavelDataset again = Assert.IsType<RavelDataset>(Again(dataset));

        Assert.Equal(dataset.Train, again.Train);
        Assert.Empty(again.Val);
        Assert.Equal(dataset.Test, again.Test);
        Assert.Equal((dataset.Name, dataset.Seed, dataset.Counts), (again.Name, again.Seed, again.Counts));
        Assert.Equal(provenance.SourceFiles, again.Provenance!.SourceFiles);
        Assert.Equal(provenance.TimeZoneDate, again.Provenance.TimeZoneDate);
    }

    [Fact]
    public void What_a_job_returned_can_be_compared_and_drawn()
    {
        string picture = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.svg");

        Outcome outcome = _session.Run(
            "$again = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($args[0])); "
            + "Compare-RavelScore -Before $args[0] -After $again; $again | Export-HyperDasPlot $args[1] -PassThru",
            s_score, picture);

        Assert.Empty(outcome.Errors);
        Assert.Equal([RavelScoreComparison.Of(s_score, s_score), s_score], outcome.Output.Select(o => o.BaseObject));
        Assert.True(File.Exists(picture));
        File.Delete(picture);
    }

    [Fact]
    public void What_owns_native_memory_arrives_as_a_description()
    {
        Outcome outcome = _session.Run(
            "$model = Import-HyperDasModel $args[0]; [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($model)); $model | Remove-HyperDasModel",
            Path.Combine(Repository.Root, "tests", "Fixtures", "toy"));

        PSObject description = outcome.Output.Single();
        Assert.Contains("Deserialized.HyperDas.ModelHandle", description.TypeNames);
        Assert.Equal("toy", description.Properties["Name"].Value);
    }

    private object Again(object record) => _session.Run(
        "[System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($args[0]))",
        record).Output.Single().BaseObject;
}
