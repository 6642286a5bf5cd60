using System.Text.Json.Nodes;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.LanguageModels.Layers;
using HyperDas.Engine.Tests.Golden;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.LanguageModels;

/// <summary>Scalings of the rotary embedding: the formulas' values, and each row's own length where they depend on it.</summary>
public class LengthDependentRotaryTests
{
    private const int Original = 16;

    private static readonly string[] s_scalings =
    [
        $$"""{"rope_type": "dynamic", "factor": 2.0, "original_max_position_embeddings": {{Original}}}""",
        $$"""{"rope_type": "longrope", "short_factor": [1.0, 1.1, 1.2, 1.3], "long_factor": [2.0, 3.0, 4.0, 5.0], "original_max_position_embeddings": {{Original}}}""",
    ];

    public static TheoryData<string> Scalings() => [.. s_scalings];

    [Theory]
    [MemberData(nameof(Scalings))]
    public void A_row_gives_the_same_numbers_in_a_batch_as_alone(string scaling)
    {
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel model = Create(scaling);
        int[] shorter = Ids(9), longer = Ids(Original + 8);
        (Tensor ids, Tensor mask) = PaddedSequences.Left([shorter, longer], CPU);

        Tensor batch = model.StateAt(ids, mask, model.BlockCount);

        GoldenCase.AssertClose(Alone(model, shorter), batch[0].narrow(0, longer.Length - shorter.Length, shorter.Length), 1e-5);
        GoldenCase.AssertClose(Alone(model, longer), batch[1], 1e-5);
    }

    [Theory]
    [MemberData(nameof(Scalings))]
    public void A_cache_is_filled_anew_where_the_length_changes_the_rotation(string scaling)
    {
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel model = Create(scaling);
        int[][] prompts = [Ids(Original - 3), Ids(5), Ids(Original + 4)];
        GenerationOptions options = new() { MaxNewTokens = 8, StopAtEos = false };

        IReadOnlyList<int[]> cached = TextGenerator.Generate(model, prompts, options);

        for (int n = 0; n < prompts.Length; n++)
        {
            Assert.Equal(Uncached(model, prompts[n], 8), cached[n]);
        }
    }

    [Fact]
    public void Long_texts_are_rotated_otherwise_than_short_ones()
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (string scaling in s_scalings)
        {
            using LanguageModel scaled = Create(scaling), plain = Create("""{"rope_type": "default", "rope_theta": 10000}""");
            double Difference(int length) => (Alone(scaled, Ids(length)) - Alone(plain, Ids(length))).abs().max().item<float>();

            Assert.True(Difference(Original + 8) > 1e-2, scaling);
        }
    }

    [Fact]
    public void Yarn_gives_the_values_of_its_formula()
    {
        // Computed independently in double precision.
        AssertClose(
            [1, 0.316227766, 0.1, 0.025693506, 0.00625, 0.00138349648, 0.00025, 7.90569415e-05],
            RotaryEmbedding.InverseFrequencies(16, 10000, new YarnRopeScaling(4, 2048, 32, 1, 1.1386, WholeBounds: true)));
        AssertClose(
            [1, 0.177827941, 0.0316227766, 0.00551727048, 0.000607407938, 4.44569853e-05, 7.90569415e-06, 1.40585331e-06],
            RotaryEmbedding.InverseFrequencies(16, 1e6, new YarnRopeScaling(4, 32768, 32, 1, 1.1386, WholeBounds: false)));
    }

    [Fact]
    public void Dynamic_scaling_gives_the_values_of_its_formula()
    {
        using DisposeScope scope = NewDisposeScope();
        using RotaryTables tables = new(8, 10000, new DynamicRopeScaling(2, Original), CPU);
        Tensor positions = arange(24, ScalarType.Int64).unsqueeze(0);
        // θ · (2 · 24 / 16 - 1)^(8 / 6) for the frequency of the first pair but one.
        double speed = Math.Pow(10000 * Math.Pow(2, 8.0 / 6), -2.0 / 8);

        RotaryTable table = tables.Of(positions, ScalarType.Float32);

        Assert.Equal(Math.Cos(5 * speed), table.Cos[0, 5, 0, 1].item<float>(), 1e-6);
        Assert.Equal(Math.Cos(5 * Math.Pow(10000, -2.0 / 8)),
            tables.Of(positions.narrow(1, 0, Original), ScalarType.Float32).Cos[0, 5, 0, 1].item<float>(), 1e-6);
    }

    private static void AssertClose(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, Math.Abs(pair.First) * 1e-6));
    }

    // A Llama, whose head is 8 wide; longrope is the same to every family that asks for it.
    private static LanguageModel Create(string scaling) => FamilyModels.Create(
        GoldenModels.Names().First(n => GoldenModels.FamilyOf(n) == "llama"),
        json =>
        {
            json.Remove("rope_scaling");
            json["head_dim"] = 8;
            json["rope_parameters"] = JsonNode.Parse(scaling);
        });

    private static int[] Ids(int length) => [256, .. Enumerable.Range(1, length - 1).Select(i => 60 + (i * 7 % 60))];

    private static Tensor Alone(LanguageModel model, int[] ids)
    {
        Tensor row = tensor(ids, ScalarType.Int64).unsqueeze(0);
        return model.StateAt(row, ones_like(row), model.BlockCount)[0];
    }

    private static int[] Uncached(LanguageModel model, int[] prompt, int count)
    {
        List<int> ids = [.. prompt];
        for (int i = 0; i < count; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            ids.Add((int)model.Logits(Alone(model, [.. ids])[-1]).argmax(-1).item<long>());
        }
        return [.. ids.Skip(prompt.Length)];
    }
}
