using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Numerics.Kernels;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Tests.Methods;
using HyperDas.Engine.Tests.Reference;
using HyperDas.Engine.Training;
using HyperDas.Engine.Training.Memory;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Training;

/// <summary>Blocks that are run again on the way back give the gradients of blocks that kept what they computed.</summary>
public sealed class RecomputeTests : IDisposable
{
    private static readonly TokenizedExample[] s_examples = RandomExamples.Create(6);

    private readonly DisposeScope _scope = NewDisposeScope();

    [Theory]
    [InlineData(ScalarType.Float32, false)]
    [InlineData(ScalarType.BFloat16, false)]
    [InlineData(ScalarType.BFloat16, true)]
    public void Trainings_are_the_same_bit_for_bit(ScalarType held, bool adapts)
    {
        using LanguageModel target = TinyLlama.Create(TinyLlama.Config with { BlockCount = 6 }, held, computed: ModelDtype.Float32);
        HypernetworkOptions network = TinyInterpreter.Options(layer: 1) with { AdapterRank = adapts ? 3 : null };
        TrainingOptions options = new() { Epochs = 3, BatchSize = 3, LearningRate = 1e-3 };

        byte[] kept = Train(options), again = Train(options with { Recompute = true });

        Assert.Equal(kept, again);

        byte[] Train(TrainingOptions how)
        {
            using HyperDasInterpreter interpreter = TinyInterpreter.Create(target, network);
            Trainer.Train(interpreter, s_examples, how);
            return TinyInterpreter.Bits(interpreter);
        }
    }

    [Fact]
    public void A_method_that_edits_entities_only_learns_the_same()
    {
        using LanguageModel target = TinyLlama.Create(TinyLlama.Config with { BlockCount = 5 });
        ConceptKey concept = new("city", "Country");
        TokenizedExample[] examples = [.. s_examples.Select(e => e with { Concept = concept })];
        using Interpreter mdas = MethodCatalog.Create(target, new MdasOptions { Layer = 1, FeatureDimension = 4 }, [concept], seed: 1);

        Tensor[] gradients = [.. new[] { false, true }.Select(recompute =>
        {
            using ActivationCache cache = mdas.CreateCache();
            InterchangeBatch batch = new InterchangeBatchBuilder(target, cache, 1).Build(examples);
            mdas.Parameters.ClearGradients();
            OwnGradient.Backward(mdas.LabelLogits(
                batch, Interpreter.Edit(batch, mdas.Propose(batch), SelectionMode.Soft), recompute).square().mean());
            return cat([.. mdas.Parameters.Gradients().Select(g => g.Value.reshape(-1))]).clone();
        })];

        Assert.True(gradients[0].abs().max().item<float>() > 0);
        Assert.True((gradients[0] - gradients[1]).abs().max().item<float>() < 1e-6);
    }

    [Fact]
    public void A_failure_on_the_way_back_comes_out_of_it()
    {
        Tensor x = ones(3).requires_grad_();
        int calls = 0;
        Tensor product = Recomputation.Apply(x, t => ++calls == 1 ? t * 2 : throw new InvalidOperationException("the second time"));

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => OwnGradient.Backward(product.sum()));

        Assert.Equal("the second time", error.Message);
    }

    [Fact]
    public void Many_steps_leave_no_tensor_behind()
    {
        using LanguageModel target = TinyLlama.Create(
            TinyLlama.Config with { BlockCount = 5 }, ScalarType.BFloat16, computed: ModelDtype.Float32);
        using HyperDasInterpreter interpreter = TinyInterpreter.Create(target, TinyInterpreter.Options(layer: 1));
        using ActivationCache cache = interpreter.CreateCache();
        using TrainingLoop loop = new(interpreter, new TrainingOptions { Recompute = true }, totalSteps: 30);
        InterchangeBatchBuilder builder = new(target, cache, interpreter.Layer);
        Step();
        long before = LiveTensors.Settle();
        for (int i = 0; i < 20; i++)
        {
            Step();
        }

        Assert.Equal(before, Tensor.TotalCount);

        void Step()
        {
            using DisposeScope scope = NewDisposeScope();
            loop.Step(builder.Build(s_examples), 0);
        }
    }

    [Fact]
    public void Less_memory_is_predicted_for_it()
    {
        Engine.Checkpoints.ModelConfig config = TinyLlama.Config with { BlockCount = 20 };
        StepShape step = StepShape.Of(s_examples);

        long kept = new StepMemory(config, 4, 2, TinyInterpreter.Options(), 0).Bytes(step);
        long again = new StepMemory(config, 4, 2, TinyInterpreter.Options(), 0, recompute: true).Bytes(step);

        Assert.True(again < kept / 2, $"{again} of {kept}");
    }

    public void Dispose() => _scope.Dispose();
}
