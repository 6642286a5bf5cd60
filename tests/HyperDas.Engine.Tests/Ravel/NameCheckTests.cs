using HyperDas.Engine.Ravel;
using Xunit;

namespace HyperDas.Engine.Tests.Ravel;

public sealed class NameCheckTests
{
    private const string Composed = "Z\u00FCrich", Decomposed = "Zu\u0308rich";

    [Fact]
    public void Ordinary_names_are_nothing_to_speak_of() => Assert.Empty(NameCheck.Of(Domain("Vienna", Composed, "S\u00E3o Paulo")));

    [Theory]
    [InlineData("Paris ", "\"Paris \"")]
    [InlineData("\u00A0Paris", "begin or end with a space")]
    [InlineData(Decomposed, "NFD")]
    public void A_name_that_looks_as_another_is_told(string name, string word) =>
        Assert.Contains(word, Assert.Single(NameCheck.Of(Domain("Vienna", name))));

    [Fact]
    public void Two_spellings_of_one_name_are_told() =>
        Assert.Contains(NameCheck.Of(Domain(Composed, Decomposed)), warning => warning.Contains("2 times", StringComparison.Ordinal));

    [Fact]
    public void A_value_with_a_blank_is_told() =>
        Assert.Contains("count as unknown", Assert.Single(NameCheck.Of(Domain(("Vienna", "Austria ")))));

    [Theory]
    [InlineData("%s is in", "Paris ", "Paris", "  is in")]
    [InlineData("I love %s", "Paris ", "I love Paris", " ")]
    [InlineData("%s is in", "Paris", "Paris", " is in")]
    [InlineData("%s is in", " ", " ", " is in")]
    public void A_blank_at_an_entitys_end_belongs_to_what_follows(string template, string entity, string prefix, string suffix)
    {
        (string before, string after) = TemplateSlot.Fill(template, entity);

        Assert.Equal((prefix, suffix), (before, after));
        Assert.Equal(template.Replace("%s", entity, StringComparison.Ordinal), before + after);
    }

    private static RavelDomain Domain(params string[] names) => Domain([.. names.Select(name => (name, "Austria"))]);

    private static RavelDomain Domain(params (string Name, string Value)[] entities) => new(
        "city", "", ["Country"], [.. entities.Select(
            e => new RavelEntity(e.Name, RavelSplit.Train, new Dictionary<string, string> { ["Country"] = e.Value }))], [], []);
}
