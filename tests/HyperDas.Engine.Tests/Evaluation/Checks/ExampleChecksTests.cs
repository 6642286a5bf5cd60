using HyperDas.Engine.Evaluation.Checks;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Tests.Ravel;
using Xunit;

namespace HyperDas.Engine.Tests.Evaluation.Checks;

public sealed class ExampleChecksTests : IDisposable
{
    private readonly LanguageModel _model = TinyLlama.CreateWithTokenizer();

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Examples_that_are_cut_off_or_have_no_label_are_counted()
    {
        RavelDataset dataset = TinyDataset.Create();
        RavelExample first = dataset.Train[0];
        dataset =
            dataset with { Train = [.. dataset.Train, first with { BaseSuffix = new string('x', 100) }, first with { SourceValue = "" }] };

        ModelCheck labels = Run(dataset)["LabelsWithinLimit"];

        Assert.Equal((false, false, 2L, 38L), (labels.Passed, labels.Required, labels.Count, labels.Total));
        Assert.Contains("1 example is longer than 64 tokens, 1 has no label token", labels.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void What_building_left_out_is_reported_too()
    {
        ModelCheck labels = Run(TinyDataset.Create() with { Counts = new RavelBuildCounts(5, 3, 2, 1) })["LabelsWithinLimit"];

        Assert.True(labels.Passed);
        Assert.Contains("3 more were omitted when the dataset was made", labels.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Facts_that_the_model_does_not_know_are_counted()
    {
        // An untrained model knows nothing; what it says itself it knows.
        RavelDataset dataset = TinyDataset.Create();
        RavelExample asked = dataset.Train[0];
        string says = PromptGenerator.Generate(
            _model, [asked.BasePrompt], new GenerationOptions { MaxNewTokens = 1, StopAtEos = false })[0].Output;
        dataset = dataset with
        {
            Train = [asked with { BaseValue = says, ValuesAreVerbatim = true }, asked with { BaseValue = "nonsense" }], Val = [], Test = []
        };

        ModelCheck facts = Run(dataset)["FactsKnown"];

        Assert.Equal((false, false, 1L, 2L), (facts.Passed, facts.Required, facts.Count, facts.Total));
    }

    [Fact]
    public void A_dataset_that_was_made_with_the_model_is_not_asked_again()
    {
        RavelDataset dataset = TinyDataset.Create() with
        {
            Counts = new RavelBuildCounts(KnownFacts: 5, UnknownFacts: 3, 0, 0),
            Provenance = DatasetProvenance.Of(RavelBuilder.HyperDas, _model, []),
        };

        ModelCheck facts = Run(dataset)["FactsKnown"];

        Assert.True(facts.Passed);
        Assert.Contains("answered 5 of 8 facts", facts.Detail, StringComparison.Ordinal);
    }

    private Dictionary<string, ModelCheck> Run(RavelDataset dataset) =>
        ModelChecks.Run(ExampleChecks.Of(_model, dataset)).ToDictionary(c => c.Name);
}
