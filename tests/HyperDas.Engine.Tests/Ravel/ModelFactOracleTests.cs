using System.Text.Json;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel;
using TorchSharp;
using Xunit;

namespace HyperDas.Engine.Tests.Ravel;

public sealed class ModelFactOracleTests : IDisposable
{
    private readonly LanguageModel _model = LetterModel.Create();

    [Fact]
    public void A_fact_is_known_when_greedy_generation_answers_the_whole_label()
    {
        ModelFactOracle oracle = new(_model);
        string[] prompts =
        [
            "a (", "Vienna is in \"", "The city of Paris is in the land of '", "x ",
            .. Enumerable.Range(0, 40).Select(i => $"{new string('n', i)} (")
        ];
        Fact[] right = [.. prompts.Select(prompt => new Fact(prompt, Generate(prompt)))];
        Fact[] wrong = [.. right.Select(fact => fact with { Label = fact.Label[..^1] + (fact.Label[^1] == 'a' ? 'b' : 'a') })];

        Assert.DoesNotContain(false, oracle.Knows(right));
        Assert.DoesNotContain(true, oracle.Knows(wrong));
    }

    [Fact]
    public void Answers_come_in_the_order_of_the_questions()
    {
        Fact known = new("Vienna is in \"", Generate("Vienna is in \""));

        Assert.Equal([false, true, false, true],
            new ModelFactOracle(_model).Knows([new("a", "???"), known, new("a much longer prompt", "???"), known]));
    }

    [Fact]
    public void A_fact_without_a_label_is_not_known()
    {
        Assert.Equal([false], new ModelFactOracle(_model).Knows([new Fact("Vienna is in", "")]));
        Assert.Empty(new ModelFactOracle(_model).Knows([]));
    }

    [Fact]
    public void Asking_can_be_cancelled()
    {
        Assert.Throws<OperationCanceledException>(
            () => new ModelFactOracle(_model).Knows([new Fact("a", "b")], new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Asking_leaves_no_tensor_behind()
    {
        ModelFactOracle oracle = new(_model);
        oracle.Knows([new Fact("Vienna is in", "Austria")]);
        long before = LiveTensors.Settle();

        oracle.Knows([new Fact("Vienna is in", "Austria"), new Fact("Paris", "France")]);

        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [SkippableTheory]
    [InlineData(ModelDtype.Float32, 0)]
    [InlineData(ModelDtype.BFloat16, 0.02)]
    public void The_filter_keeps_what_the_originals_filter_kept(ModelDtype dtype, double tolerated)
    {
        string folder = SharedData.Require("data", "parity", "city");
        using LanguageModel model = LanguageModel.Load(Path.Combine(folder, "model"), dtype);
        List<Fact> facts = [];
        foreach (string line in File.ReadLines(Path.Combine(folder, "test.jsonl")))
        {
            using JsonDocument row = JsonDocument.Parse(line);
            string label = row.RootElement.GetProperty("attribute_type").GetString() == "causal" ? "counterfactual_target" : "target";
            facts.Add(new Fact(row.RootElement.GetProperty("verify_text").GetString()!, row.RootElement.GetProperty(label).GetString()!));
        }

        int unknown = new ModelFactOracle(model).Knows(facts).Count(known => !known);

        Assert.InRange(unknown, 0, tolerated * facts.Count);
    }

    public void Dispose() => _model.Dispose();

    private string Generate(string prompt) => _model.Tokenizer.Decode(TextGenerator.Generate(
        _model, [[_model.Tokenizer.BosId, .. _model.Tokenizer.Encode(prompt)]], new GenerationOptions { MaxNewTokens = 3 })[0]);
}
