using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Tests.Golden;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.LanguageModels;

public class LanguageModelGoldenTests
{
    private const double Tolerance = 1e-4;

    public static TheoryData<string, string> PaddedCases()
    {
        TheoryData<string, string> cases = [];
        foreach (string name in (string[])["llama_tiny", "llama_tiny_rope3", "llama_tiny_tied"])
        {
            foreach (string side in (string[])["left", "right"])
            {
                cases.Add(name, side);
            }
        }
        return cases;
    }

    [Theory]
    [MemberData(nameof(PaddedCases))]
    public void Hidden_states_are_those_of_the_reference(string name, string side)
    {
        using DisposeScope scope = NewDisposeScope();
        using GoldenCase golden = GoldenCase.Open(name);
        using LanguageModel model = LanguageModel.Load(golden.Folder);
        Tensor mask = golden[$"{side}/attention_mask"];

        IReadOnlyList<Tensor> states = model.HiddenStates(golden[$"{side}/input_ids"], mask);

        Assert.Equal(model.BlockCount + 1, states.Count);
        for (int layer = 0; layer <= model.BlockCount; layer++)
        {
            GoldenCase.AssertCloseWhere(mask, golden[$"{side}/cumsum_minus1/hidden_states.{layer}"], states[layer], Tolerance, $"hidden state {layer}");
        }
    }

    [Theory]
    [MemberData(nameof(PaddedCases))]
    public void Logits_are_those_of_the_reference_whatever_the_positions(string name, string side)
    {
        using DisposeScope scope = NewDisposeScope();
        using GoldenCase golden = GoldenCase.Open(name);
        using LanguageModel model = LanguageModel.Load(golden.Folder);
        Tensor mask = golden[$"{side}/attention_mask"], ids = golden[$"{side}/input_ids"];

        foreach (string positions in (string[])["cumsum", "cumsum_minus1", "offset5000"])
        {
            BlockContext context = model.CreateContext(mask, golden[$"{side}/{positions}/position_ids"]);
            Tensor logits = model.Logits(model.RunBlocks(model.Embed(ids), 0, model.BlockCount, context));
            GoldenCase.AssertCloseWhere(mask, golden[$"{side}/{positions}/logits"], logits, Tolerance, positions);
        }
    }

    [Theory]
    [InlineData("llama_tiny")]
    [InlineData("llama_tiny_rope3")]
    [InlineData("llama_tiny_tied")]
    public void A_single_prompt_without_padding_gives_the_logits_of_the_reference(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using GoldenCase golden = GoldenCase.Open(name);
        using LanguageModel model = LanguageModel.Load(golden.Folder);
        Tensor ids = golden["nomask/input_ids"];

        Tensor logits = model.Logits(model.RunBlocks(model.Embed(ids), 0, model.BlockCount, model.CreateContext(ones_like(ids))));

        GoldenCase.AssertClose(golden["nomask/logits"], logits, Tolerance);
    }
}
