using System.Text.Json;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tokenization;
using Xunit;

namespace HyperDas.Engine.Tests.Ravel;

public sealed class ParityRowsTests
{
    [SkippableFact]
    public void Rows_of_the_original_become_the_token_ids_that_its_fixed_run_used()
    {
        string folder = SharedData.Require("data", "parity", "city");
        RavelCollator collator = new(Tokenizer.Load(Path.Combine(folder, "model")));
        int rows = 0;
        foreach ((string text, string ids) in File.ReadLines(Path.Combine(folder, "test.jsonl"))
            .Zip(File.ReadLines(Path.Combine(folder, "test.ids.jsonl"))))
        {
            using JsonDocument row = JsonDocument.Parse(text);
            using JsonDocument expected = JsonDocument.Parse(ids);

            TokenizedExample actual = collator.Tokenize(Example(row.RootElement));

            AssertSame(expected.RootElement, actual);
            rows++;
        }
        Assert.Equal(2038, rows);
    }

    private static void AssertSame(JsonElement expected, TokenizedExample actual)
    {
        Assert.Equal(Ints(expected, "base"), actual.BaseIds);
        Assert.Equal(Ints(expected, "source"), actual.SourceIds);
        Assert.Equal(Ints(expected, "instr"), actual.InstructionIds);
        Assert.Equal(expected.GetProperty("n_prompt").GetInt32(), actual.PromptLength);
        Assert.Equal(expected.GetProperty("base_entity").GetInt32(), actual.BaseVisible - 1);
        Assert.Equal(expected.GetProperty("source_entity").GetInt32(), actual.SourceEntityIndex);
    }

    private static RavelExample Example(JsonElement row)
    {
        bool isCause = Text("attribute_type") == "causal";
        return new RavelExample
        {
            Domain = Text("domain"),
            Kind = isCause ? RavelExampleKind.Cause : RavelExampleKind.Isolate,
            Attribute = Text("edit_instruction").Split(" - ")[^1],
            AskedAttribute = Text("attribute"),
            Instruction = Text("edit_instruction"),
            BaseEntity = Text("entity"),
            SourceEntity = Text("counterfactual_entity"),
            BasePrefix = Text("input_prefix"),
            BaseSuffix = Text("input_suffix"),
            SourcePrefix = Text("counterfactual_input_prefix"),
            SourceSuffix = Text("counterfactual_input_suffix"),
            BaseTemplate = "",
            BaseValue = Text("target"),
            SourceValue = Text("counterfactual_target"),
        };

        string Text(string key) => row.GetProperty(key).GetString()!;
    }

    private static int[] Ints(JsonElement row, string key) => [.. row.GetProperty(key).EnumerateArray().Select(id => id.GetInt32())];
}
