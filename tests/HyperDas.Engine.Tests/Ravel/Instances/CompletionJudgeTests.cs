using HyperDas.Engine.Ravel;
using HyperDas.Engine.Ravel.Instances;
using Xunit;

namespace HyperDas.Engine.Tests.Ravel.Instances;

public sealed class CompletionJudgeTests
{
    [Theory]
    [InlineData("%s is in", "Austria", " Austria. It", true)]
    [InlineData("%s is in", "Austria", " Aus", true)]
    [InlineData("%s is in", "Austria", " Australia", false)]
    [InlineData("%s is in", "Austria", "", false)]
    [InlineData("%s is in", "Austria", "\"Austria", false)]
    [InlineData("%s is in", "", " Austria", false)]
    [InlineData("{\"zone\": \"%s", "Europe/Vienna", "Europe\\/Vienna\", \"", true)]
    [InlineData("It is a %s, one of the", "non-living things", " non-living thing", true)]
    [InlineData("It is a %s, one of the", "non-living thing", " non-living things", true)]
    public void The_shorter_text_must_begin_the_longer(string template, string gold, string completion, bool right) =>
        Judge(template, gold, completion, right);

    [Theory]
    [InlineData("latitude of %s:", "-33", " 34.2", true)]
    [InlineData("latitude of %s:", "33", " -31", true)]
    [InlineData("latitude of %s:", "33", " 36", false)]
    [InlineData("longitude of %s:", "151", " about", false)]
    [InlineData("{\"%s\": {\"lat\": \"", "north", "33", false)]
    [InlineData("%s, flat, is at", "33", " 34", false)]
    public void Degrees_may_be_two_off_and_lose_their_sign(string template, string gold, string completion, bool right) =>
        Judge(template, gold, completion, right);

    [Theory]
    [InlineData("%s is in", "United States", " the United States of", true)]
    [InlineData("%s is in", "United States", " united states", false)]
    [InlineData("%s is in", "United Kingdom", " England", true)]
    [InlineData("%s is in", "United Kingdom", " Eng", false)]
    [InlineData("%s is in", "South Korea", " Korea", true)]
    [InlineData("%s is in", "South Korea", " South Korea", true)]
    [InlineData("%s is in", "South Korea", " South", false)]
    [InlineData("%s is on", "North America", " the continent of North America", true)]
    [InlineData("%s is on", "North America", " NA", true)]
    [InlineData("%s is on", "North America", " Americas", true)]
    [InlineData("%s is on", "North America", " North", false)]
    [InlineData("they speak %s", "Mandarin", " Chinese", true)]
    [InlineData("they speak %s", "Mandarin Chinese", " Chinese", true)]
    [InlineData("they speak %s", "Mandarin", " Cantonese", false)]
    [InlineData("language of %s:", "Dutch,French,German", " mostly French", true)]
    [InlineData("they speak in %s", "Dutch,French,German", " mostly French", false)]
    public void Names_with_several_spellings_have_their_own_rules(string template, string gold, string completion, bool right) =>
        Judge(template, gold, completion, right);

    [Theory]
    [InlineData("Asia/Tokyo", "+9:00")]
    [InlineData("Europe/London", "+0:00")]
    [InlineData("America/New_York", "-5:00")]
    [InlineData("Asia/Kolkata", "+5:30")]
    [InlineData("Pacific/Auckland", "-11:00")]
    [InlineData("Africa/Abidjan", "+0:00")]
    [InlineData("America/St_Johns", "-3:30")]
    [InlineData("America/Argentina/Buenos_Aires", "-3:00")]
    public void A_zone_has_the_offset_of_the_fixed_day(string zone, string offset)
    {
        Assert.Equal(offset, UtcOffset.Of(zone, UtcOffset.DefaultDate));
    }

    [Fact]
    public void Another_day_gives_another_offset()
    {
        Assert.Equal("+1:00", UtcOffset.Of("Europe/London", new DateOnly(2024, 7, 15)));
    }

    [Fact]
    public void An_unknown_zone_is_named()
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => UtcOffset.Of("Europe/Atlantis", UtcOffset.DefaultDate));

        Assert.Equal("TimeZoneNotFound", error.ErrorId);
        Assert.Contains("Europe/Atlantis", error.Message);
    }

    [Theory]
    [InlineData("Asia/Tokyo", "+9:00", true)]
    [InlineData("Asia/Tokyo", "+09:00", true)]
    [InlineData("Asia/Tokyo", "+08:00", false)]
    [InlineData("Asia/Tokyo", "9", false)]
    [InlineData("America/New_York", "-04:00", true)]
    [InlineData("America/New_York", "-07:00", false)]
    [InlineData("America/Sao_Paulo", "-02:00", false)]
    [InlineData("Europe/London", "+01:00", true)]
    [InlineData("Europe/Athens", "+03:00", true)]
    [InlineData("Asia/Dubai", "+05:00", false)]
    [InlineData("Pacific/Auckland", "+13:00", true)]
    [InlineData("Pacific/Auckland", "+12:00", false)]
    public void Offsets_are_compared_as_the_benchmark_does(string zone, string completion, bool right) =>
        Judge("The time in %s is UTC", zone, completion, right);

    [SkippableFact]
    public void Every_official_time_zone_is_in_the_database()
    {
        RavelDomain city = RavelReader.Read(SharedData.Require("data", "ravel"), "city");
        string[] zones = [.. city.Entities.Select(entity => entity.Values["Timezone"]).Distinct()];

        Assert.Equal(267, zones.Length);
        Assert.All(zones, zone => Assert.Matches("^[+-][0-9]{1,2}:[0-9]{2}$", UtcOffset.Of(zone, UtcOffset.DefaultDate)));
    }

    private static void Judge(string template, string gold, string completion, bool right) =>
        Assert.Equal(right, CompletionJudge.IsCorrect(template, gold, completion, UtcOffset.DefaultDate));
}
