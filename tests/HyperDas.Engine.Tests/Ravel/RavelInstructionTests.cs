using HyperDas.Engine.Ravel;
using Xunit;

namespace HyperDas.Engine.Tests.Ravel;

public sealed class RavelInstructionTests
{
    [Theory]
    [InlineData("city", "Country", "the country of a city")]
    [InlineData("nobel_prize_winner", "Country of Birth", "the country of birth of a nobel prize winner")]
    [InlineData("physical_object", "Category", "the category of a physical object")]
    [InlineData("occupation", "Work Location", "the work location of an occupation")]
    [InlineData("verb", "Past Tense", "the past tense of a verb")]
    [InlineData("university", "Founder", "the founder of a university")]
    [InlineData("hour", "Name", "the name of an hour")]
    public void A_concept_reads_as_users_write_it(string domain, string attribute, string expected)
    {
        Assert.Equal(expected, RavelInstruction.Concept(domain, attribute));
    }

    [Fact]
    public void The_originals_form_names_both_entities()
    {
        Assert.Equal("Sochi ; Braga - Country", RavelInstruction.Text(InstructionStyle.EntityPair, "city", "Country", "Sochi", "Braga"));
    }
}
