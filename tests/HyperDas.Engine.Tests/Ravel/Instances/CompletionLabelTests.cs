using HyperDas.Engine.Ravel.Instances;
using Xunit;

namespace HyperDas.Engine.Tests.Ravel.Instances;

public sealed class CompletionLabelTests
{
    [Theory]
    [InlineData(" Japan, and it is", " Japan", true)]
    [InlineData("Asia/Tokyo\"}, {\"", "Asia/Tokyo", false)]
    [InlineData("+09:00\"}", "+09:00", true)]
    [InlineData("48.8566, \"long", "48.85", true)]
    [InlineData(" North America. The", " North America", false)]
    [InlineData(" the United States of America.", " the United States of America", false)]
    [InlineData(" his father was a", " his", true)]
    [InlineData(" English (and French)", " English", true)]
    [InlineData(" English andes", " English", true)]
    [InlineData(" French\nQ:", " French", true)]
    [InlineData(" himself.", " himself", true)]
    [InlineData(" history; of", " history", true)]
    [InlineData(" St. Louis", " St", true)]
    [InlineData("3.5 cm", "3.5 cm ", false)]
    [InlineData("37° N", "37° N ", false)]
    [InlineData("Paris", "Paris ", false)]
    [InlineData(" São.", " São", false)]
    public void The_answer_ends_where_the_benchmark_ends_it(string completion, string label, bool oneWord)
    {
        Assert.Equal(label, CompletionLabel.Of(completion));
        Assert.Equal(oneWord, CompletionLabel.IsOneWord(label));
    }

    [Theory]
    [InlineData("\"Vienna\" is", "\"Vienna\" is")]
    [InlineData("\nVienna is in", "\nVienna is")]
    [InlineData("\"", null)]
    [InlineData("", null)]
    [InlineData(" ", null)]
    public void Where_nothing_is_left_the_first_two_pieces_count(string completion, string? label)
    {
        Assert.Equal(label, CompletionLabel.Of(completion));
    }

    [Theory]
    [InlineData("48.85, x", "48.20, x", false)]
    [InlineData(" Japan, and", " Japan is", false)]
    [InlineData("+09:00\"", "-05:00\"", true)]
    [InlineData(" Japan, and", " France. It", true)]
    [InlineData(" Japan, and", "", false)]
    [InlineData(" Japan, and", " North America. The", false)]
    [InlineData(" North America. The", " Japan, and", false)]
    [InlineData(" Japan, and", " japan, and", true)]
    public void A_pair_needs_two_plain_words_that_differ(string baseOutput, string sourceOutput, bool kept)
    {
        Assert.Equal(kept, new InstanceAnswer(new Completion(baseOutput)).KeepsPairWith(new InstanceAnswer(new Completion(sourceOutput))));
    }

    [Fact]
    public void An_answer_that_the_model_ended_itself_is_complete()
    {
        Assert.Equal("Paris", CompletionLabel.Of("Paris", isOver: true));
        Assert.True(new InstanceAnswer(new Completion(" Paris", IsOver: true))
            .KeepsPairWith(new InstanceAnswer(new Completion(" Rome", IsOver: true))));
    }

    [Theory]
    [InlineData(" 48.85", " 48")]
    [InlineData("37°", "37")]
    [InlineData(" -12", " -12")]
    public void Degrees_lose_their_decimals(string label, string whole)
    {
        Assert.Equal(whole, CompletionLabel.WholeDegrees(label));
    }
}
