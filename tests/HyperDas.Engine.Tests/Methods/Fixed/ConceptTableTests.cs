using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Ravel;
using Xunit;

namespace HyperDas.Engine.Tests.Methods.Fixed;

public class ConceptTableTests
{
    private static readonly ConceptTable s_table = new(
        [new("city", "Country"), new("city", "Timezone"), new("nobel_prize_winner", "Country of Birth"), new("occupation", "Duty"),
            new("verb", "Duty")]);

    [Theory]
    [InlineData("the country of a city", "city", "Country")]
    [InlineData("The Country of a City", "city", "Country")]
    [InlineData("  the  country of\ta city ", "city", "Country")]
    [InlineData("country", "city", "Country")]
    [InlineData("COUNTRY OF BIRTH", "nobel_prize_winner", "Country of Birth")]
    [InlineData("the country of birth of a nobel prize winner", "nobel_prize_winner", "Country of Birth")]
    [InlineData("the duty of an occupation", "occupation", "Duty")]
    public void Words_find_a_concept_by_description_or_attribute(string text, string domain, string attribute) =>
        Assert.Equal(new ConceptKey(domain, attribute), s_table.Resolve(text));

    [Theory]
    [InlineData("the mayor of a city")]
    [InlineData("")]
    [InlineData("首都")]
    public void An_unknown_concept_is_refused_with_the_known_ones(string text)
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => s_table.Resolve(text));

        Assert.Equal("ConceptUnknown", error.ErrorId);
        Assert.Contains("'the timezone of a city'", error.Message);
    }

    [Fact]
    public void A_name_that_two_domains_share_is_refused_with_both()
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => s_table.Resolve("duty"));

        Assert.Equal("ConceptAmbiguous", error.ErrorId);
        Assert.Contains("'the duty of an occupation', 'the duty of a verb'", error.Message);
    }

    [Fact]
    public void A_key_has_its_place_and_no_key_has_none()
    {
        Assert.Equal(1, s_table.IndexOf(new ConceptKey("city", "Timezone")));
        Assert.Throws<HyperDasException>(() => s_table.IndexOf(new ConceptKey("verb", "Timezone")));
        Assert.Throws<HyperDasException>(() => s_table.IndexOf(null));
    }
}
