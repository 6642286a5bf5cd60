using System.Text.Json.Nodes;
using HyperDas.Engine.Ravel;
using Xunit;

namespace HyperDas.Engine.Tests.Ravel;

public sealed class RavelDescriptionReaderTests
{
    [Fact]
    public void A_domain_knows_its_descriptions_in_the_order_of_the_files_and_where_they_came_from()
    {
        RavelDomain domain = Read();

        Assert.Equal(
            [
                new RavelDescription("the country of a town", "Country", RavelSplit.Train),
                new RavelDescription("nation", "Country", RavelSplit.Train),
                new RavelDescription("which land?", "Country", RavelSplit.Val),
                new RavelDescription("I need the state", "Country", RavelSplit.Test),
                new RavelDescription("tongue", "Language", RavelSplit.Train), new RavelDescription("a shoe size", null, RavelSplit.Train),
                new RavelDescription("nothing", null, RavelSplit.Test),
            ],
            domain.Descriptions);
        Assert.Equal(7, domain.SourceFiles.Count);
        Assert.Equal(RavelDescriptionReader.FileNames("town"), domain.SourceFiles.Skip(5).Select(file => file.Name));
    }

    [Fact]
    public void A_domain_without_these_files_has_none_and_reads_as_before()
    {
        RavelDomain domain = MiniRavel.Read();

        Assert.Empty(domain.Descriptions);
        Assert.Equal(5, domain.SourceFiles.Count);
    }

    [Fact]
    public void An_attribute_without_gold_values_may_be_described()
    {
        RavelDomain domain = Read(known => known["Mood"] = Splits(train: ["how people feel there"]));

        Assert.Contains(domain.Descriptions, d => d.Attribute == "Mood");
    }

    [Theory]
    [InlineData("Population", "how many live there", "Population", "no such attribute", "Country, Language, Altitude")]
    [InlineData("Altitude", "   ", "Altitude.train", "is empty", "\"   \"")]
    [InlineData("Altitude", "", "Altitude.train", "is empty", "\"\"")]
    [InlineData("Altitude", "NATION", "Altitude.train", "\"NATION\"", "also one of Country")]
    [InlineData("Altitude", "a  Shoe size", "train", "a shoe size", "also one of Altitude")]
    public void A_description_that_can_not_be_meant_is_refused_by_file_attribute_and_text(
        string attribute, string text, params string[] told)
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => Read(known => known[attribute] = Splits(train: [text])));

        Assert.Equal("RavelFileCorrupt", error.ErrorId);
        Assert.Contains("ravel_town_", error.Message);
        Assert.All(told, part => Assert.Contains(part, error.Message));
    }

    [Theory]
    [InlineData("train", "occurs twice")]
    [InlineData("val", "in train and in val")]
    [InlineData("test", "in train and in test")]
    public void A_text_occurs_once_whatever_its_case(string split, string told)
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => Read(known => known["Country"]![split]!.AsArray().Add("Nation")));

        Assert.Equal("RavelFileCorrupt", error.ErrorId);
        Assert.Contains($"\"Country.{split}\"", error.Message);
        Assert.Contains("\"Nation\"", error.Message);
        Assert.Contains(told, error.Message);
        Assert.Contains("ravel_town_attribute_to_descriptions.json", error.Message);
    }

    [Fact]
    public void A_split_with_another_name_is_refused()
    {
        HyperDasException error = Assert.Throws<HyperDasException>(
            () => Read(known => known["Country"]!["validation"] = new JsonArray("land")));

        Assert.Contains("'validation' isn't one of train, val, test", error.Message);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("\"nation\"")]
    [InlineData("{\"train\": \"nation\"}")]
    [InlineData("{\"train\": [1]}")]
    [InlineData("{\"train\": [null]}")]
    [InlineData("{\"train\": []}")]
    [InlineData("{\"test\": [\"land\"]}")]
    public void Other_shapes_are_refused_by_place(string altitude)
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => Read(known => known["Altitude"] = JsonNode.Parse(altitude)));

        Assert.Equal("RavelFileCorrupt", error.ErrorId);
        Assert.Contains("Altitude", error.Message);
    }

    [Fact]
    public void Nothing_but_absent_things_may_be_described()
    {
        using TemporaryFolder folder = new();
        MiniRavel.Write(folder);
        folder.Write("ravel_town_absent_descriptions.json", Splits(train: ["a shoe size"]).ToJsonString());

        Assert.Equal([new RavelDescription("a shoe size", null, RavelSplit.Train)], RavelReader.Read(folder.Path, "town").Descriptions);
    }

    internal static RavelDomain Read(Action<JsonObject>? change = null)
    {
        using TemporaryFolder folder = new();
        MiniRavel.Write(folder);
        JsonObject known = new()
        {
            ["Country"] = Splits(["the country of a town", "nation"], ["which land?"], ["I need the state"]),
            ["Language"] = Splits(train: ["tongue"]),
        };
        change?.Invoke(known);
        folder.Write("ravel_town_attribute_to_descriptions.json", known.ToJsonString());
        folder.Write("ravel_town_absent_descriptions.json", Splits(["a shoe size"], [], ["nothing"]).ToJsonString());
        return RavelReader.Read(folder.Path, "town");
    }

    private static JsonObject Splits(string[]? train = null, string[]? val = null, string[]? test = null) => new()
    {
        ["train"] = Array(train), ["val"] = Array(val), ["test"] = Array(test),
    };

    private static JsonArray Array(string[]? texts) => new([.. (texts ?? []).Select(text => (JsonNode)text)]);
}
