using HyperDas.Engine.Ravel;
using Xunit;

namespace HyperDas.Engine.Tests.Ravel;

public sealed class EntityPlaceTests
{
    [Theory]
    [InlineData("Vienna or Vienna is", "Vienna", "Vienna or Vienna")]
    [InlineData("In Vienna is", "  Vienna\t", "In Vienna")]
    [InlineData("Z\u00FCrich is in", "Zu\u0308rich", "Z\u00FCrich")]
    [InlineData("Zu\u0308rich is in", "Z\u00FCrich", "Zu\u0308rich")]
    // The accent at the end is a part of the name.
    [InlineData("Jose\u0301 is in", "Jos\u00E9", "Jose\u0301")]
    [InlineData("from Jose\u0301", "Jos\u00E9", "from Jose\u0301")]
    // Two accents in another order are the same letter, and Hangul is written in syllables or letters.
    [InlineData("o\u0323\u0302 is", "o\u0302\u0323", "o\u0323\u0302")]
    [InlineData("\uD55C\uAE00 is", "\u1112\u1161\u11AB\u1100\u1173\u11AF", "\uD55C\uAE00")]
    // As it is written comes before what is only alike, and what follows keeps its place behind a letter of two characters.
    [InlineData("Zu\u0308rich, Z\u00FCrich and Zu\u0308rich", "Z\u00FCrich", "Zu\u0308rich, Z\u00FCrich")]
    [InlineData("\uD83D\uDE00 Zu\u0308rich is", "Z\u00FCrich", "\uD83D\uDE00 Zu\u0308rich")]
    public void The_last_occurrence_counts_in_any_Unicode_form(string prompt, string entity, string expected) =>
        Assert.Equal(expected, prompt[..EntityPlace.EndIn(prompt, entity)!.Value]);

    [Theory]
    [InlineData("Vienna is in", "vienna")]
    [InlineData("Z\u00FCrich is in", "Zurich")]
    [InlineData("Vienna is in", "Paris")]
    public void What_differs_in_a_letter_is_another_name(string prompt, string entity) => Assert.Null(EntityPlace.EndIn(prompt, entity));
}
