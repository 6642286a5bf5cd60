using HyperDas.Engine.Numerics;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Numerics;

/// <summary>A step over flat memory, in pieces and on several cores, is AdamW's definition parameter by parameter.</summary>
public sealed class FlatAdamWTests : IDisposable
{
    private const double LearningRate = 1e-2, Decay = 0.1, Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly ParameterStore _store = new(CPU);

    [Fact]
    public void Every_number_moves_as_the_definition_says_however_the_memory_is_divided()
    {
        // Longer than a piece and no multiple of a vector; a scalar between; one that nothing depends on.
        TrainableTensor[] parameters = [Add("long", 600_001), Add("one", 1), Add("short", 13), Add("unused", 5)];
        _store.Seal();
        using FlatAdamW optimiser = new(_store);
        Tensor[] expected = [.. parameters.Select(p => p.Value.detach().clone())], first = [.. expected.Select(e => zeros_like(e))],
            second = [.. expected.Select(e => zeros_like(e))];

        for (int step = 1; step <= 3; step++)
        {
            _store.ClearGradients();
            Tensor loss = (parameters[0].Value.square().sum() * step) + (parameters[1].Value * parameters[2].Value).sum();
            loss.backward();
            const double Scale = 0.5;
            for (int i = 0; i < parameters.Length; i++)
            {
                Tensor gradient = (parameters[i].Value.grad ?? zeros_like(expected[i])) * Scale;
                first[i] = (first[i] * Beta1) + (gradient * (1 - Beta1));
                second[i] = (second[i] * Beta2) + (gradient.square() * (1 - Beta2));
                Tensor move = first[i] / (1 - Math.Pow(Beta1, step)) / ((second[i] / (1 - Math.Pow(Beta2, step))).sqrt() + Epsilon);
                expected[i] = (expected[i] * (1 - (LearningRate * Decay))) - (move * LearningRate);
            }

            optimiser.Step(_ => new GroupRate(LearningRate, Decay), Scale);
        }

        for (int i = 0; i < parameters.Length; i++)
        {
            Assert.True((parameters[i].Value.detach() - expected[i]).abs().max().item<float>() < 1e-5, parameters[i].Parts[0].Name);
        }
    }

    [Fact]
    public void Sums_over_several_backward_passes_lie_in_one_block_and_are_given_back()
    {
        TrainableTensor one = Add("one", 3), other = Add("other", 2);
        _store.Seal();
        long before = LiveTensors.Settle();
        using (NewDisposeScope())
        {
            for (int round = 0; round < 2; round++)
            {
                _store.SumGradients();
                for (int part = 0; part < 3; part++)
                {
                    (one.Value.sum() + (other.Value.sum() * 2)).backward();
                }
                Assert.Equal([3f, 3, 3], one.Value.grad!.data<float>().ToArray());
                Assert.Equal([6f, 6], other.Value.grad!.data<float>().ToArray());
            }
            Assert.Equal(Math.Sqrt((3 * 9) + (2 * 36)), _store.GradientNorm().item<float>(), 1e-5);

            _store.ClearGradients();
            Assert.Null(one.Value.grad);
            Assert.Equal(0, _store.GradientNorm().item<float>());
        }
        Assert.Equal(before, Tensor.TotalCount);
    }

    public void Dispose()
    {
        _store.Dispose();
        _scope.Dispose();
    }

    private TrainableTensor Add(string name, long count) => _store.Add(name, ParameterGroup.Main, randn(count));
}
