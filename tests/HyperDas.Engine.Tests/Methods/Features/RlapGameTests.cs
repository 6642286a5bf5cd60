using HyperDas.Engine.Methods.Rlap;
using HyperDas.Engine.Tests.Golden;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Methods.Features;

public sealed class RlapGameTests : IDisposable
{
    private static readonly RlapOptions s_options =
        new() { Layer = 1, FeatureDimension = 1, Steps = 150, EvaluateEvery = 50, LearningRate = 0.1 };
    private readonly DisposeScope _scope = NewDisposeScope();

    [Theory]
    [InlineData(new[] { 0.9, 0.5, 0.1 }, 1)]
    [InlineData(new[] { 3.0, -2.0, 0.4, 0.3 }, 2)]
    [InlineData(new[] { 0.0, 0.0, 0.0 }, 3)]
    [InlineData(new[] { -5.0, -4.0 }, 1)]
    public void Eigenvalues_come_between_0_and_1_with_the_sum_k_and_in_order(double[] values, double k)
    {
        double[] onto = RlapGame.OntoSimplex(values, k);

        Assert.Equal(k, onto.Sum(), 1e-5);
        Assert.All(onto, v => Assert.InRange(v, 0, 1));
        Assert.Equal(Enumerable.Range(0, values.Length).OrderBy(i => values[i]),
            Enumerable.Range(0, values.Length).OrderBy(i => onto[i]).ThenBy(i => values[i]));
    }

    [Fact]
    public void Eigenvalues_that_fit_stay() =>
        Assert.All(RlapGame.OntoSimplex([1, 0.75, 0.25], 2).Zip([1, 0.75, 0.25]), v => Assert.Equal(v.Second, v.First, 1e-5));

    [Fact]
    public void The_direction_that_carries_the_classes_is_found()
    {
        using Generator random = new(4, CPU);
        Tensor classes = arange(300, ScalarType.Int64) % 2, direction = tensor(new[] { 0.6f, 0f, 0.8f, 0f });
        Tensor vectors = randn([300, 4], generator: random)
            + (((classes.to_type(ScalarType.Float32) * 2) - 1).unsqueeze(1) * 3 * direction);
        List<TrainingStep> steps = [];

        Tensor w = RlapGame.Play(vectors, classes, 2, s_options, seed: 1, steps.Add, default);

        Assert.Equal([1L, 4L], w.shape);
        Assert.Equal(1, w.norm().item<float>(), 1e-4);
        Assert.True(Math.Abs(w.matmul(direction).item<float>()) > 0.98, $"found {string.Join(", ", w.data<float>().ToArray())}");
        Assert.NotEmpty(steps);
    }

    [Fact]
    public void The_same_seed_gives_the_same_subspace_with_orthonormal_rows()
    {
        using Generator random = new(4, CPU);
        Tensor vectors = randn([50, 6], generator: random), classes = arange(50, ScalarType.Int64) % 5;
        RlapOptions options = s_options with { FeatureDimension = 3, Steps = 20, EvaluateEvery = 10 };

        Tensor first = RlapGame.Play(vectors, classes, 5, options, 7, _ => { }, default),
            second = RlapGame.Play(vectors, classes, 5, options, 7, _ => { }, default);

        GoldenCase.AssertClose(first, second, 0);
        GoldenCase.AssertClose(eye(3), first.matmul(first.transpose(0, 1)), 1e-5);
    }

    public void Dispose() => _scope.Dispose();
}
