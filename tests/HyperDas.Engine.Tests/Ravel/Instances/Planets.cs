namespace HyperDas.Engine.Tests.Ravel.Instances;

/// <summary>A made-up domain of planets, large enough for the samplers, and a target model that knows every value.</summary>
internal static class Planets
{
    internal const int Count = 24;

    private static readonly string[] s_colours = ["red", "blue", "green", "white", "grey"];

    internal static string Name(int planet) => $"Planet{(char)('A' + planet)}";

    /// <summary>Six templates for each attribute, two for each split; planets by thirds train, val, test.</summary>
    internal static RavelDomain Domain { get; } = new(
        "planet", "", ["Colour", "Moons", "Size"],
        [.. Enumerable.Range(0, Count).Select(i => new RavelEntity(Name(i), Split(i), Values(i)))],
        [
            .. ((string[])["Colour", "Moons", "Size"])
                .SelectMany(attribute => Enum.GetValues<RavelSplit>().SelectMany(split => (RavelTemplate[])
                [new($"{split}: the {attribute} of %s is", attribute, split), new($"{split} {attribute} (%s):", attribute, split)])),
        ],
        [
            .. Enum.GetValues<RavelSplit>().Select(split => new RavelDistractor($"{split}: we flew to %s", null, split)),
            new RavelDistractor("They never saw %s", Name(0), RavelSplit.Train),
        ]);

    /// <summary>Says the gold value of what the prompt asks for, and goes on.</summary>
    internal static FakeCompletions Model(Func<string, string?>? change = null) => new(prompt => change?.Invoke(prompt) ?? Answer(prompt));

    internal static string Answer(string prompt)
    {
        int planet = Enumerable.Range(0, Count).Single(i => prompt.Contains(Name(i), StringComparison.Ordinal));
        string? attribute = Domain.Attributes.FirstOrDefault(name => prompt.Contains(name, StringComparison.Ordinal));
        return attribute is null ? " in May. It" : $" {Values(planet)[attribute]}. It";
    }

    private static RavelSplit Split(int planet) => (RavelSplit)(planet % 3);

    private static Dictionary<string, string> Values(int planet) => new()
    {
        ["Colour"] = s_colours[planet % 5],
        ["Moons"] = $"{planet + 10}",
        ["Size"] = planet % 2 == 0 ? "large" : "small",
    };
}
