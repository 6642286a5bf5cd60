using System.Reflection;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.Ravel.Instances;
using Xunit;

namespace HyperDas.Engine.Tests.Ravel;

public sealed class DatasetMakingTests
{
    [Fact]
    public void Both_builders_are_told_the_same_settings()
    {
        RavelBuildOptions settings = new()
        {
            Attributes = ["Country"], TrainPerAttribute = 10, ValPerAttribute = 4, TestPerAttribute = 6, Seed = 7,
            InstructionStyle = InstructionStyle.Concept, AbsentShare = 0.5, OtherDomainShare = 0.25, OpeningShare = 0.125,
            MaxTokens = 99, EntitySplit = RavelEntitySplit.Same,
        };
        RavelInstanceOptions instances = DatasetRequest.Of(RavelBuilder.Ravel, [], settings).Instances!;
        (PropertyInfo Pairs, PropertyInfo Instances)[] shared =
        [
            .. typeof(RavelBuildOptions).GetProperties().Where(p => p.CanWrite)
                .Select(p => (p, typeof(RavelInstanceOptions).GetProperty(p.Name)!)).Where(p => p.Item2 is not null),
        ];

        Assert.Equal(10, shared.Length);
        Assert.All(shared, p => Assert.Equal(p.Pairs.GetValue(settings), p.Instances.GetValue(instances)));
        // None is what it is anyway.
        Assert.All(shared, p => Assert.NotEqual(p.Pairs.GetValue(new RavelBuildOptions()), p.Pairs.GetValue(settings)));
        Assert.Null(DatasetRequest.Of(RavelBuilder.HyperDas, [], settings).Instances);
    }

    [Fact]
    public void A_dataset_of_either_builder_says_where_it_comes_from()
    {
        using LanguageModel model = LetterModel.Create();
        DatasetRequest request = DatasetRequest.Of(
            RavelBuilder.Ravel, [Planets.Domain], new RavelBuildOptions { MaxTokens = 200 });
        request = request with { Instances = request.Instances! with { TrainDraws = 100, TestDraws = 16 } };
        FakeOracle oracle = new();

        RavelDataset instances = DatasetMaking.Make(model, request, oracle, Planets.Model());
        RavelDataset pairs = DatasetMaking.Make(
            model, request with { Instances = null, Upsampling = RavelUpsampling.LargestDomain }, oracle, Planets.Model());

        Assert.Equal((RavelBuilder.Ravel, RavelUpsampling.None, model.Fingerprint), Said(instances));
        Assert.Equal((RavelBuilder.HyperDas, RavelUpsampling.LargestDomain, model.Fingerprint), Said(pairs));
        Assert.NotNull(instances.Provenance!.TimeZoneDate);
        Assert.Null(pairs.Provenance!.TimeZoneDate);
        Assert.NotEmpty(oracle.Asked);
        Assert.NotEmpty(instances.Train);
        Assert.NotEmpty(pairs.Train);
    }

    [Fact]
    public void What_was_asked_for_and_has_no_pair_is_named()
    {
        DatasetRequest request = new([Planets.Domain]) { Pairs = new RavelBuildOptions { Attributes = ["Colour", "Moons"] } };
        using LanguageModel model = LetterModel.Create();
        RavelDataset dataset = DatasetMaking.Make(
            model, request with { Pairs = new RavelBuildOptions { Attributes = ["Colour"], MaxTokens = 200 } },
            new FakeOracle(), Planets.Model());

        Assert.Equal(["Moons"], request.MissingFrom(dataset));
    }

    private static (RavelBuilder?, RavelUpsampling?, string?) Said(RavelDataset dataset) =>
        (dataset.Provenance?.Builder, dataset.Provenance?.Upsampling, dataset.Provenance?.ModelFingerprint);
}
