using System.Text.Json;
using HyperDas.Engine.Experiments;
using Xunit;

namespace HyperDas.Engine.Tests.Experiments;

public sealed class ExperimentSchemaTests
{
    private static readonly string s_committed = Path.Combine(SharedData.RepositoryRoot(), "configs", "hyperdas.schema.json");

    [Fact]
    public void The_committed_schema_equals_the_records()
    {
        using FileStream documentation = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "HyperDas.Abstractions.xml"));

        // After a change: dotnet run -c Release --project build/HyperDas.Schema -- configs/hyperdas.schema.json
        Assert.Equal(ExperimentSchema.Generate(documentation), File.ReadAllText(s_committed));
    }

    [Theory]
    [InlineData("training", "epochs", """{"type":"integer","minimum":0}""")]
    [InlineData("training", "learningRate", """{"type":"number","exclusiveMinimum":0}""")]
    [InlineData("training", "maxSteps", """{"type":["integer","null"],"minimum":1}""")]
    [InlineData("training", "decayFrom", """{"type":"number","minimum":0,"maximum":1}""")]
    [InlineData("method", "fromScratch", """{"type":"boolean","default":false}""")]
    [InlineData("evaluation", "split", """{"enum":["train","val","test"],"default":"test"}""")]
    public void A_key_has_the_type_range_and_default_of_its_property(string section, string key, string expected)
    {
        using JsonDocument schema = JsonDocument.Parse(File.ReadAllText(s_committed));

        JsonElement property = schema.RootElement.GetProperty("properties").GetProperty(section).GetProperty("properties").GetProperty(key);

        Assert.NotEmpty(property.GetProperty("description").GetString()!);
        Assert.Equal(expected, JsonSerializer.Serialize(property.EnumerateObject().Where(p => p.Name != "description")
            .ToDictionary(p => p.Name, p => p.Value)));
    }

    [Fact]
    public void The_keys_of_a_method_are_those_that_the_reader_takes()
    {
        using JsonDocument schema = JsonDocument.Parse(File.ReadAllText(s_committed));

        JsonElement[] choices =
            [.. schema.RootElement.GetProperty("properties").GetProperty("method").GetProperty("allOf").EnumerateArray()];

        Assert.Equal(Enum.GetNames<InterpreterMethod>().Length, choices.Length);
        JsonElement dbm = choices.Single(c => c.GetProperty("if").ToString().Contains("\"dbm\"", StringComparison.Ordinal));
        Assert.Equal(
            ["name", "layer", "position", "maskPenalty", "multiTask"],
            dbm.GetProperty("then").GetProperty("propertyNames").GetProperty("enum").EnumerateArray().Select(e => e.GetString()));
    }
}
