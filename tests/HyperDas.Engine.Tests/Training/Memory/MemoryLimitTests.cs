using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Tests.Methods;
using HyperDas.Engine.Tests.Reference;
using HyperDas.Engine.Training;
using HyperDas.Engine.Training.Memory;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Training.Memory;

/// <summary>A batch that is worked through in parts teaches what the whole batch teaches.</summary>
public sealed class MemoryLimitTests : IDisposable
{
    private static readonly TokenizedExample[] s_examples = RandomExamples.Create(10);
    private static readonly TrainingOptions s_options = new() { Epochs = 2, BatchSize = 5, LearningRate = 1e-3, GroupByLength = false };

    private readonly LanguageModel _target = TinyLlama.Create();
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string, HypernetworkOptions> Networks() => new()
    {
        { "default", TinyInterpreter.Options() },
        { "generated", TinyInterpreter.Options(SubspaceKind.Generated) },
        { "one coin for all parts", TinyInterpreter.Options() with { Symmetric = true } },
        { "the original, whose examples depend on what they share a batch with", TinyInterpreter.Options().Faithful() },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void Gradients_of_the_parts_add_up_to_those_of_the_whole(string name, HypernetworkOptions network)
    {
        (List<TrainingStep> whole, Tensor[] parameters) = Train(network, s_options);
        long one = Limit(network);

        (List<TrainingStep> parts, Tensor[] sameParameters) = Train(network, s_options with { MemoryLimit = one });

        Assert.All(whole.Zip(parts), pair =>
        {
            Assert.Equal(pair.First.Loss, pair.Second.Loss, 1e-4);
            Assert.Equal(pair.First.PredictionLoss, pair.Second.PredictionLoss, 1e-4);
            Assert.Equal(pair.First.SparsityLoss, pair.Second.SparsityLoss, 1e-4);
            Assert.True(Math.Abs((pair.First.GradientNorm / pair.Second.GradientNorm) - 1) < 1e-3,
                $"{name}: {pair.First.GradientNorm}, {pair.Second.GradientNorm}");
        });
        Assert.All(parameters.Zip(sameParameters), pair => Assert.True((pair.First - pair.Second).abs().max().item<float>() < 2e-4, name));
    }

    [Fact]
    public void Weights_of_groups_are_those_of_the_whole()
    {
        HypernetworkOptions network = TinyInterpreter.Options();
        TokenizedExample[] two = [.. s_examples.Select((e, i) => e with { Concept = new ConceptKey("town", i % 3 == 0 ? "One" : "Two") })];
        TrainingOptions weighing = s_options with { WorstGroupExponent = 2, Epochs = 4 };

        TrainingStep whole = Train(network, weighing, two).Steps[^1];
        TrainingStep parts = Train(network, weighing with { MemoryLimit = Limit(network) }, two).Steps[^1];

        Assert.True(whole.Weights!.LargestWeight > 1);
        Assert.Equal(whole.Weights.Heaviest, parts.Weights!.Heaviest);
        Assert.Equal(whole.Weights.LargestWeight, parts.Weights.LargestWeight, 1e-3);
        Assert.Equal(whole.Loss, parts.Loss, 1e-3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Examples_are_contrasted_with_those_of_other_parts(bool symmetric)
    {
        HypernetworkOptions network = TinyInterpreter.Options() with { Symmetric = symmetric };
        TokenizedExample[] two =
        [
            .. s_examples.Select((e, i) => e with { Concept = new ConceptKey("town", i % 3 == 0 ? "One" : "Two"), IsAbsent = i % 4 == 3 }),
        ];
        TrainingOptions contrasting = s_options with { ContrastWeight = 0.7 };

        (List<TrainingStep> whole, Tensor[] parameters) = Train(network, contrasting, two);
        (List<TrainingStep> parts, Tensor[] same) = Train(network, contrasting with { MemoryLimit = Limit(network) }, two);

        Assert.All(whole.Zip(parts), pair =>
        {
            Assert.Equal(pair.First.Loss, pair.Second.Loss, 1e-3);
            Assert.True(Math.Abs((pair.First.GradientNorm / pair.Second.GradientNorm) - 1) < 1e-3);
        });
        Assert.All(parameters.Zip(same), pair => Assert.True((pair.First - pair.Second).abs().max().item<float>() < 2e-4));
        Assert.NotEqual(whole[0].GradientNorm, Train(network, s_options, two).Steps[0].GradientNorm, 1e-3);
    }

    [Fact]
    public void Parts_are_few_and_alike_and_none_is_left_out()
    {
        StepMemory memory = Memory(TinyInterpreter.Options());
        long three = memory.Bytes(StepShape.Of(s_examples) with { Examples = 3 });

        IReadOnlyList<TokenizedExample>[] parts = [.. new BatchSplitter(memory, three).Split(s_examples)];

        Assert.Equal([3, 3, 3, 1], parts.Select(p => p.Count));
        Assert.Equal(s_examples, parts.SelectMany(p => p));
        Assert.Same(s_examples, Assert.Single(new BatchSplitter(memory, null).Split(s_examples)));
    }

    [Fact]
    public void A_limit_below_one_example_is_refused_with_the_least_that_works()
    {
        long least = Limit(TinyInterpreter.Options());

        HyperDasException error = Assert.Throws<HyperDasException>(
            () => Train(TinyInterpreter.Options(), s_options with { MemoryLimit = least - 1 }));

        Assert.Equal("MemoryInsufficient", error.ErrorId);
        Assert.Contains(least.ToString(System.Globalization.CultureInfo.InvariantCulture), error.Message);
    }

    [Fact]
    public void What_is_drawn_is_drawn_again()
    {
        Engine.Numerics.RepeatedRandom random = new(new Engine.Numerics.CountedRandom(4));
        int[] first = [.. Enumerable.Range(0, 5).Select(_ => random.Next(100))];
        random.Rewind();

        Assert.Equal(first, Enumerable.Range(0, 5).Select(_ => random.Next(100)));
        Assert.Equal(first, new Engine.Numerics.CountedRandom(4) is var plain ? Enumerable.Range(0, 5).Select(_ => plain.Next(100)) : []);
    }

    public void Dispose()
    {
        _scope.Dispose();
        _target.Dispose();
    }

    private long Limit(HypernetworkOptions network) => Memory(network).Bytes(StepShape.Of(s_examples) with { Examples = 1 });

    private StepMemory Memory(HypernetworkOptions network)
    {
        using HyperDasInterpreter interpreter = TinyInterpreter.Create(_target, network);
        return MemoryPredictor.StepOf(interpreter);
    }

    private (List<TrainingStep> Steps, Tensor[] Parameters) Train(
        HypernetworkOptions network, TrainingOptions options, TokenizedExample[]? examples = null)
    {
        using HyperDasInterpreter interpreter = TinyInterpreter.Create(_target, network);
        List<TrainingStep> steps = [];
        Trainer.Train(interpreter, examples ?? s_examples, options, log: steps.Add);
        return (steps, [.. interpreter.Parameters.State().Select(s => s.Value.clone())]);
    }
}
