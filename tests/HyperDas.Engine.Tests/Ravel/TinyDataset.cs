namespace HyperDas.Engine.Tests.Ravel;

/// <summary>A dataset of a dozen interchange examples a split, for models of random weights.</summary>
internal static class TinyDataset
{
    private static readonly string[] s_cities = ["Vienna", "Zürich", "東京", "Rome", "Oslo", "Graz"];

    internal static RavelDataset Create() => new(
        "tiny", ["city"], ["Country"], [.. Split("in")], [.. Split("of")], [.. Split("to")], Seed: 1, new RavelBuildCounts(0, 0, 0, 0));

    private static IEnumerable<RavelExample> Split(string word) => s_cities.SelectMany((city, i) => new[]
    {
        Examples.Of($"{city}| is {word}", "A" + i, $"I love {s_cities[(i + 1) % s_cities.Length]}|"),
        Examples.Of($"They {word} {city}|", "B" + i, $"{s_cities[(i + 2) % s_cities.Length]}| it is", kind: RavelExampleKind.Isolate),
    });
}
