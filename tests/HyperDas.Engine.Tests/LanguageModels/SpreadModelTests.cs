using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.Methods;
using HyperDas.Engine.Tests.Reference;
using HyperDas.Engine.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.LanguageModels;

/// <summary>A model whose blocks live in several places computes, generates and trains bit for bit as in one.</summary>
public sealed class SpreadModelTests : IDisposable
{
    private static readonly ModelConfig s_config = TinyLlama.Config with { BlockCount = 5 };
    private static readonly int[][] s_prompts = [[48, 1, 2, 3, 4], [48, 9], [48, 30, 31, 7]];
    private static readonly TokenizedExample[] s_examples = RandomExamples.Create(6);

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(1, "00000")]
    [InlineData(2, "00111")]
    [InlineData(3, "01122")]
    [InlineData(4, "01223")]
    [InlineData(5, "01234")]
    public void Consecutive_blocks_share_a_device_and_devices_the_weights(int devices, string expected)
    {
        int[] places = BlockPlaces.Split(s_config, devices);

        Assert.Equal(expected, string.Concat(places));
        double[] weights = BlockPlaces.Weights(s_config, places, devices);
        Assert.Equal(WeightShapes.Count(s_config), weights.Sum());
        Assert.All(weights, share => Assert.True(share > 0));
    }

    [Fact]
    public void A_large_model_is_halved()
    {
        ModelConfig large = s_config with
        {
            VocabularySize = 128256, HiddenSize = 4096, BlockCount = 32, HeadCount = 32, KeyValueHeadCount = 8,
            HeadWidth = 128, InnerWidth = 14336,
        };

        double[] weights = BlockPlaces.Weights(large, BlockPlaces.Split(large, 2), 2);

        Assert.InRange(weights[0] / weights.Sum(), 0.48, 0.52);
    }

    [Fact]
    public void Names_are_of_one_kind_and_not_more_than_blocks()
    {
        Assert.Equal([CPU, CPU], ComputeDevice.ParseAll("cpu, CPU"));
        foreach (string wrong in (string[])["cpu,", ",", "cpu,gpu", "cpu,cuda:0", "cuda:0,cpu"])
        {
            Assert.Equal("DeviceUnknown", Assert.Throws<HyperDasException>(() => ComputeDevice.ParseAll(wrong)).ErrorId);
        }
        HyperDasException many = Assert.Throws<HyperDasException>(() => Spread(s_config, 6));
        Assert.Equal("DeviceUnknown", many.ErrorId);
        Assert.Contains("6 devices were specified, but the model has only 5 blocks", many.Message, StringComparison.Ordinal);
    }

    public static TheoryData<ModelConfig> Kinds =>
    [
        s_config,
        s_config with { Block = new BlockSpec { Window = 3 } },
        s_config with { Block = new BlockSpec { ScoreCap = 20 } },
    ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Hidden_states_logits_and_texts_are_the_same(ModelConfig config)
    {
        using LanguageModel one = TinyLlama.Create(config), spread = Spread(config, 3);
        (Tensor ids, Tensor mask) = TinyLlama.Batch(left: true, s_prompts);

        IReadOnlyList<Tensor> expected = one.HiddenStates(ids, mask), states = spread.HiddenStates(ids, mask);

        Assert.Equal(("cpu", "cpu,cpu,cpu"), (one.Device, spread.Device));
        Assert.All(expected.Zip(states), pair => AssertSame(pair.First, pair.Second));
        AssertSame(one.Logits(TinyLlama.Run(one, ids, mask)), spread.Logits(TinyLlama.Run(spread, ids, mask)));
        GenerationOptions options = new() { MaxNewTokens = 8, StopAtEos = false };
        Assert.Equal(TextGenerator.Generate(one, s_prompts, options), TextGenerator.Generate(spread, s_prompts, options));
        Assert.Equal(0, one.HandOvers);
        Assert.True(spread.HandOvers > 0);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(null, true)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    public void An_interpreter_learns_the_same(int? rank, bool recompute)
    {
        HypernetworkOptions network = TinyInterpreter.Options(layer: 1) with
        {
            AdapterRank = rank, SubspaceInner = 20, FeatureDimension = 6, Blocks = 2, SubspaceSpan = rank
        };

        Assert.Equal(Trained(1), Trained(2));

        string Trained(int devices)
        {
            using LanguageModel target = Spread(s_config, devices);
            using HyperDasInterpreter interpreter = new(target, network, seed: 1);
            List<double> losses = [];
            TrainingOptions training = new() { Epochs = 5, BatchSize = 3, LearningRate = 3e-3, Recompute = recompute };
            Trainer.Train(interpreter, s_examples, training, log: step => losses.Add(step.Loss));
            Assert.NotEqual(losses[0], losses[^1]);
            return $"{string.Join(' ', losses)} {Convert.ToHexString(TinyInterpreter.Bits(interpreter))}";
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(5)]
    public void Gradients_that_skip_fixed_columns_are_the_same(int layer)
    {
        using LanguageModel one = TinyLlama.Create(s_config), spread = Spread(s_config, 3);
        Tensor start = randn([2, 6, 16], generator: new Generator(3));

        (Tensor expected, Tensor gradient) = Run(one);
        (Tensor top, Tensor own) = Run(spread);

        AssertSame(expected, top);
        AssertSame(gradient, own);

        (Tensor, Tensor) Run(LanguageModel model)
        {
            Tensor hidden = start.clone().requires_grad_();
            BlockContext context = model.CreateContext(ones([2, 6], ScalarType.Int64));
            Tensor result = model.RunBlocksAt(hidden, layer, context, tensor(new long[] { 3, 5, 4, 5 }).view(2, 2), fixedColumns: 2);
            result.square().sum().backward();
            return (result, hidden.grad!);
        }
    }

    [Fact]
    public void Adapters_take_blocks_of_the_first_device_only()
    {
        using LanguageModel target = Spread(s_config, 2);
        HypernetworkOptions network = TinyInterpreter.Options() with { AdapterRank = 3, Blocks = 3, FeatureDimension = 6 };

        HyperDasException error = Assert.Throws<HyperDasException>(() => new HyperDasInterpreter(target, network, seed: 1));

        Assert.Equal("OptionInvalid", error.ErrorId);
        Assert.StartsWith("Blocks is 3; it must be 1 to 2 with AdapterRank", error.Message, StringComparison.Ordinal);
        // Copies may come from anywhere.
        new HyperDasInterpreter(target, network with { AdapterRank = 0 }, seed: 1).Dispose();
    }

    [Fact]
    public void A_folder_is_loaded_and_loaded_again_in_several_places()
    {
        TinyLlama.Save(_folder.Path, s_config);
        using LanguageModel one = LanguageModel.Load(_folder.Path), spread = LanguageModel.Load(_folder.Path, device: "cpu, cpu");
        using LanguageModel again = spread.Reload(spread.Format);
        (Tensor ids, Tensor mask) = TinyLlama.Batch(left: false, s_prompts);

        Assert.Equal(("cpu,cpu", "cpu,cpu"), (spread.Device, again.Device));
        Assert.Equal(one.Fingerprint, spread.Fingerprint);
        AssertSame(TinyLlama.Run(one, ids, mask), TinyLlama.Run(again, ids, mask));
    }

    [Fact]
    public void Many_passes_leave_no_tensor_behind()
    {
        using LanguageModel target = Spread(s_config, 2);
        using HyperDasInterpreter interpreter = new(target, TinyInterpreter.Options(layer: 1) with { FeatureDimension = 6 }, seed: 1);
        using ActivationCache cache = interpreter.CreateCache();
        using TrainingLoop loop = new(interpreter, new TrainingOptions { Recompute = true }, totalSteps: 30);
        InterchangeBatchBuilder builder = new(target, cache, interpreter.Layer);
        Step();
        long before = LiveTensors.Settle();
        for (int i = 0; i < 10; i++)
        {
            Step();
            TextGenerator.Generate(target, s_prompts, new GenerationOptions { MaxNewTokens = 2 });
        }

        Assert.Equal(before, Tensor.TotalCount);

        void Step()
        {
            using DisposeScope scope = NewDisposeScope();
            loop.Step(builder.Build(s_examples), 0);
        }
    }

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    private static LanguageModel Spread(ModelConfig config, int devices) =>
        TinyLlama.Create(config, devices: [.. Enumerable.Repeat(CPU, devices)]);

    private static void AssertSame(Tensor expected, Tensor actual) =>
        Assert.Equal(expected.detach().contiguous().bytes.ToArray(), actual.detach().contiguous().bytes.ToArray());
}
