using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.Tokenization;
using Xunit;

namespace HyperDas.Engine.Tests.Ravel;

public sealed class RavelUpsamplerTests
{
    private static readonly RavelDomain s_town = MiniRavel.Read();
    private static readonly RavelDomain s_village = s_town with { Name = "village", Attributes = ["Country", "Language"] };

    [Fact]
    public void Several_domains_make_one_dataset()
    {
        RavelDataset dataset = Build();

        Assert.Equal("town+village", dataset.Name);
        Assert.Equal(["town", "village"], dataset.Domains);
        Assert.Equal(["Country", "Language", "Altitude"], dataset.Attributes);
        Assert.Equal([12, 8], dataset.Train.CountBy(example => example.Domain).OrderBy(count => count.Key).Select(count => count.Value));
    }

    [Fact]
    public void The_smaller_domain_gets_its_own_examples_again_before_them()
    {
        RavelDataset drawn = Build();

        RavelDataset dataset = RavelUpsampler.ToLargestDomain(drawn, seed: 42);

        RavelExample[] village = [.. drawn.Train.Where(example => example.Domain == "village")];
        RavelExample[] larger = [.. dataset.Train.Where(example => example.Domain == "village")];
        Assert.Equal(12, larger.Length);
        Assert.Equal(village, larger[4..]);
        Assert.Equal(4, larger[..4].Distinct().Count());
        Assert.Subset(village.ToHashSet(), larger[..4].ToHashSet());
        Assert.Equal(drawn.Train.Where(example => example.Domain == "town"), dataset.Train.Where(example => example.Domain == "town"));
        Assert.Equal((drawn.Val, drawn.Test), (dataset.Val, dataset.Test));
    }

    [Fact]
    public void More_than_twice_as_many_are_repeated_in_the_same_order()
    {
        RavelDataset drawn = Build();
        RavelExample[] few = [.. drawn.Train.Where(example => example.Domain == "village").Take(3)];
        RavelDataset dataset = RavelUpsampler.ToLargestDomain(
            drawn with { Train = [.. drawn.Train.Where(example => example.Domain == "town"), .. few] }, seed: 42);

        RavelExample[] larger = [.. dataset.Train.Where(example => example.Domain == "village")];

        Assert.Equal(12, larger.Length);
        Assert.Equal(larger[..3], larger[3..6]);
        Assert.Equal(few, larger[9..]);
    }

    [Fact]
    public void Equal_domains_stay_as_they_are()
    {
        RavelDataset dataset = Build() with { Train = [] };

        Assert.Same(dataset, RavelUpsampler.ToLargestDomain(dataset, seed: 42));
    }

    private static RavelDataset Build() => RavelDatasetBuilder.Build(
        [s_town, s_village], TinyTokenizer.Build([]), new FactFilter(new FakeOracle()),
        new RavelBuildOptions { TrainPerAttribute = 4, ValPerAttribute = 2, TestPerAttribute = 2 });
}
