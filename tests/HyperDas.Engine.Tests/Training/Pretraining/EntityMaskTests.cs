using HyperDas.Engine.Training.Pretraining;
using Xunit;

namespace HyperDas.Engine.Tests.Training.Pretraining;

public class EntityMaskTests
{
    // 0 begins, 1 asks, 2-4 are the entity, 5 follows it, 6 is the value.
    private static readonly PretrainingText s_text = new([0, 1, 2, 3, 4, 5, 6, 7], EntityStart: 2, EntityEnd: 4, ValueStart: 6,
        new Mention(new RavelDomain("city", "", ["Country"], [], [], []),
            new RavelEntity("Paris", RavelSplit.Train, new Dictionary<string, string>()), 0, ""));

    [Theory]
    [InlineData("Whole", "012345")]
    [InlineData("LastToken", "0145")]
    [InlineData("Nothing", "015")]
    public void A_token_after_the_entity_sees_what_its_view_allows(string view, string seen) =>
        Assert.Equal(seen, Visible(view, query: 5));

    [Theory]
    [InlineData("LastToken")]
    [InlineData("Nothing")]
    public void The_entitys_last_token_always_sees_the_whole_entity_and_the_prompt_before_it(string view) =>
        Assert.Equal("01234", Visible(view, query: 4));

    [Fact]
    public void A_dropped_token_is_seen_by_itself_alone()
    {
        bool[] dropped = [false, true, false, false, false, false, false, false];

        Assert.Equal("01", Visible("Whole", query: 1, dropped));
        Assert.Equal("02345", Visible("Whole", query: 5, dropped));
    }

    private static string Visible(string view, int query, bool[]? dropped = null)
    {
        const int Length = 8;
        float[] scores = new float[Length * Length];
        EntityMask.Write(scores, Length, s_text, Enum.Parse<EntityMask.View>(view), dropped);
        return string.Concat(Enumerable.Range(0, Length).Where(key => scores[(query * Length) + key] == 0));
    }
}
