using System.Text.Json.Nodes;
using HyperDas.Engine.Ravel;
using Xunit;

namespace HyperDas.Engine.Tests.Ravel;

public sealed class RavelReaderTests
{
    [Fact]
    public void Everything_keeps_the_order_of_the_files()
    {
        RavelDomain domain = MiniRavel.Read();

        Assert.Equal(MiniRavel.Towns, domain.Entities.Select(entity => entity.Name));
        Assert.Equal(["Country", "Language", "Altitude"], domain.Attributes);
        Assert.Equal("train: %s has the Country", domain.Templates[0].Text);
        Assert.Equal("German", domain.Entities[0].Values["Language"]);
    }

    [Fact]
    public void Entities_are_told_apart_by_case()
    {
        RavelDomain domain = MiniRavel.Read();

        Assert.Equal("Italy", domain.Entities.Single(entity => entity.Name == "Rome").Values["Country"]);
        Assert.Equal("United States", domain.Entities.Single(entity => entity.Name == "rome").Values["Country"]);
    }

    [Fact]
    public void An_attribute_without_gold_values_has_templates_but_is_not_listed()
    {
        RavelDomain domain = MiniRavel.Read();

        Assert.DoesNotContain("Mood", domain.Attributes);
        Assert.Single(domain.Templates, template => template.Attribute == "Mood");
    }

    [Fact]
    public void A_template_that_the_wikipedia_file_repeats_is_no_distractor()
    {
        RavelDomain domain = MiniRavel.Read();

        Assert.Equal(4, domain.Distractors.Count);
        Assert.Contains(domain.Templates, template => template.Text == "train: %s has the Country");
        Assert.Equal("Paris", domain.Distractors.Single(distractor => distractor.Text == "They left %s in spring").Entity);
    }

    [Fact]
    public void Spaces_at_the_ends_of_a_template_stay()
    {
        RavelDomain domain = MiniRavel.Read(files =>
        {
            files["prompts"]["Country"]!.AsArray().Add("  %s:\n ");
            files["promptSplit"]["  %s:\n "] = "val";
        });

        Assert.Contains(new RavelTemplate("  %s:\n ", "Country", RavelSplit.Val), domain.Templates);
    }

    [Fact]
    public void Domains_are_found_by_their_files()
    {
        using TemporaryFolder folder = new();
        MiniRavel.Write(folder);
        folder.Write("ravel_river_of_ice_entity_attributes.json", "{}");

        Assert.Equal(["river_of_ice", "town"], RavelReader.Domains(folder.Path));
    }

    [Fact]
    public void An_unknown_domain_is_refused_with_the_names_of_those_that_exist()
    {
        using TemporaryFolder folder = new();
        MiniRavel.Write(folder);

        HyperDasException error = Assert.Throws<HyperDasException>(() => RavelReader.Read(folder.Path, "city"));

        Assert.Equal("DomainNotFound", error.ErrorId);
        Assert.Contains("town", error.Message);
    }

    [Theory]
    [InlineData("ravel_town_prompt_to_split.json")]
    [InlineData("wikipedia_town_entity_prompts.json")]
    public void A_missing_file_is_named(string name)
    {
        using TemporaryFolder folder = new();
        MiniRavel.Write(folder);
        File.Delete(Path.Combine(folder.Path, name));

        HyperDasException error = Assert.Throws<HyperDasException>(() => RavelReader.Read(folder.Path, "town"));

        Assert.Equal("PathNotFound", error.ErrorId);
        Assert.Contains(name, error.Message);
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        Assert.Equal("PathNotFound", Assert.Throws<HyperDasException>(() => RavelReader.Domains("no-such-folder")).ErrorId);
    }

    public static TheoryData<string, string, string, string> Damages => new()
    {
        { "facts", "Graz", "7", "Graz" },
        { "facts", "Graz", """{"Country": 7}""", "Graz.Country" },
        { "facts", "Linz", "{}", "Linz" },
        { "entitySplit", "Graz", "\"both\"", "both" },
        { "entitySplit", "Graz", "7", "Graz" },
        { "prompts", "Country", "7", "Country" },
        { "prompts", "Country", "[7]", "Country" },
        { "prompts", "Country", "[\"nobody is in\"]", "exactly one %s" },
        { "prompts", "Country", "[\"%s is near %s\"]", "exactly one %s" },
        { "prompts", "Country", "[\"is %s new?\"]", "is %s new?" },
        { "wikipedia", "We saw %s", "7", "We saw %s" },
        { "wikipedia", "We saw %s", """{"split": "train", "entity": "Atlantis"}""", "Atlantis" },
        { "wikipedia", "We saw %s", """{"split": "dev", "entity": null}""", "dev" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void A_damaged_file_is_refused_with_its_name_and_key(string file, string key, string value, string named)
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => MiniRavel.Read(files => files[file][key] = JsonNode.Parse(value)));

        Assert.Equal("RavelFileCorrupt", error.ErrorId);
        Assert.Contains(named, error.Message);
        Assert.Contains("_town_", error.Message);
    }

    [Theory]
    [InlineData("{\"Vienna\": ")]
    [InlineData("[]")]
    [InlineData("{\"Vienna\": \"train\", \"Vienna\": \"val\"}")]
    public void A_file_that_is_no_plain_object_is_refused(string content)
    {
        using TemporaryFolder folder = new();
        MiniRavel.Write(folder);
        folder.Write("ravel_town_entity_to_split.json", content);

        Assert.Equal("RavelFileCorrupt", Assert.Throws<HyperDasException>(() => RavelReader.Read(folder.Path, "town")).ErrorId);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_refused()
    {
        using TemporaryFolder folder = new();
        MiniRavel.Write(folder);
        string facts = Path.Combine(folder.Path, "ravel_town_entity_attributes.json");
        File.WriteAllText(facts, File.ReadAllText(facts).Replace("\"Austria\"", "\"\\ud800\""));

        HyperDasException error = Assert.Throws<HyperDasException>(() => RavelReader.Read(folder.Path, "town"));

        Assert.Equal("RavelFileCorrupt", error.ErrorId);
        Assert.Contains(facts, error.Message);
    }

    [SkippableTheory]
    [InlineData("city", 3552, 273, 938)]
    [InlineData("nobel_prize_winner", 928, 301, 601 - 15)]
    [InlineData("verb", 986, 359, 1661)]
    [InlineData("physical_object", 563, 165, 938)]
    [InlineData("occupation", 799, 92, 873)]
    public void The_official_files_have_the_published_numbers_of_entities_and_templates(
        string name, int entities, int templates, int distractors)
    {
        RavelDomain domain = RavelReader.Read(SharedData.Require("data", "ravel"), name);

        Assert.Equal((entities, templates, distractors), (domain.Entities.Count, domain.Templates.Count, domain.Distractors.Count));
    }

    [SkippableFact]
    public void The_official_oddities_are_read_as_documented()
    {
        string folder = SharedData.Require("data", "ravel");

        Assert.Equal(["Duty", "Industry", "Work Location"], RavelReader.Read(folder, "occupation").Attributes);
        RavelDomain objects = RavelReader.Read(folder, "physical_object");
        Assert.Equal(["Amethyst", "amethyst"], objects.Entities.Select(entity => entity.Name).Where(name => name.Equals(
            "amethyst", StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal));
        RavelEntity empty = RavelReader.Read(folder, "nobel_prize_winner").Entities.Single(entity => entity.Name == "Michael Houghton");
        Assert.All(empty.Values.Values, Assert.Empty);
    }
}
