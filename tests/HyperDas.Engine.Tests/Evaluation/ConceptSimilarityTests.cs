using HyperDas.Engine.Evaluation;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.Methods;
using HyperDas.Engine.Tests.Ravel;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Evaluation;

public sealed class ConceptSimilarityTests : IDisposable
{
    private static readonly ConceptKey[] s_concepts = [new("city", "Country"), new("city", "Language"), new("verb", "Past")];

    private readonly LanguageModel _model = LetterModel.Create();

    public void Dispose() => _model.Dispose();

    [Fact]
    public void A_concept_with_a_subspace_of_its_own_equals_itself_and_overlaps_little_with_others()
    {
        using FixedPositionInterpreter table = (FixedPositionInterpreter)MethodCatalog.Create(
            _model, new MdasOptions { Layer = 2, FeatureDimension = 2 }, s_concepts, seed: 1);

        ConceptSimilarity similarity = ConceptSimilarity.Of(table, dataset: null);

        Assert.Equal(["Country · city", "Language · city", "Past · verb"], similarity.Concepts);
        for (int a = 0; a < 3; a++)
        {
            Assert.Equal(1, similarity.Values[a][a], 4);
            for (int b = 0; b < 3; b++)
            {
                Assert.Equal(similarity.Values[a][b], similarity.Values[b][a]);
                Assert.InRange(similarity.Values[a][b], -1e-6, a == b ? 1.0001 : 0.7);
            }
        }
    }

    [Fact]
    public void Whole_spaces_are_all_the_same()
    {
        using FixedPositionInterpreter table = (FixedPositionInterpreter)MethodCatalog.Create(
            _model, new MdasOptions { Layer = 2, FeatureDimension = _model.HiddenSize }, s_concepts, seed: 1);

        Assert.All(ConceptSimilarity.Of(table, dataset: null).Values.SelectMany(row => row), v => Assert.Equal(1, v, 4));
    }

    [Theory]
    [InlineData(SimilarityMeasure.Overlap)]
    [InlineData(SimilarityMeasure.Reflection)]
    public void HyperDas_is_compared_over_examples(SimilarityMeasure measure)
    {
        using HyperDasInterpreter network = TinyInterpreter.Create(_model);

        ConceptSimilarity similarity = ConceptSimilarity.Of(network, Dataset(), measure);

        Assert.Equal(["Country", "Language"], similarity.Concepts);
        Assert.Equal(similarity.Values[0][1], similarity.Values[1][0]);
        Assert.All(similarity.Values.SelectMany(row => row), v => Assert.InRange(v, 0, 1.0001));
        Assert.Equal(similarity.Values[0][1], ConceptSimilarity.Of(network, Dataset(), measure).Values[0][1]);
    }

    [Fact]
    public void A_subspace_that_no_example_changes_is_the_same_everywhere()
    {
        using HyperDasInterpreter network = TinyInterpreter.Create(_model, TinyInterpreter.Options(SubspaceKind.LowRank));

        Assert.All(ConceptSimilarity.Of(network, Dataset()).Values.SelectMany(row => row), v => Assert.Equal(1, v, 4));
    }

    [Fact]
    public void What_has_no_subspaces_to_compare_is_refused()
    {
        using HyperDasInterpreter network = TinyInterpreter.Create(_model, TinyInterpreter.Options(SubspaceKind.LowRank));
        using ReferenceInterpreter nothing = new(_model, 1, ReferenceMethod.NoIntervention);

        Assert.Equal("SimilarityUnsupported", Refused(() => ConceptSimilarity.Of(network, Dataset(), SimilarityMeasure.Reflection)));
        Assert.Equal("SimilarityUnsupported", Refused(() => ConceptSimilarity.Of(nothing, Dataset())));
        Assert.Equal("DatasetMissing", Refused(() => ConceptSimilarity.Of(network, dataset: null)));
        Assert.Equal("DatasetEmpty", Refused(() => ConceptSimilarity.Of(network, Dataset() with { Test = [] })));
    }

    [Fact]
    public void Nothing_native_is_left_behind()
    {
        using HyperDasInterpreter network = TinyInterpreter.Create(_model);
        RavelDataset dataset = Dataset();
        ConceptSimilarity.Of(network, dataset);

        long before = LiveTensors.Settle();
        ConceptSimilarity.Of(network, dataset);
        ConceptSimilarity.Of(network, dataset, SimilarityMeasure.Reflection);

        Assert.Equal(before, Tensor.TotalCount);
    }

    private static string Refused(Action action) => Assert.Throws<HyperDasException>(action).ErrorId;

    private static RavelDataset Dataset()
    {
        RavelDataset tiny = TinyDataset.Create();
        return tiny with
        {
            Test =
                [.. tiny.Test, .. tiny.Test.Take(5).Select(e => e with { Attribute = "Language", Instruction = "the language of a city" })]
        };
    }
}
