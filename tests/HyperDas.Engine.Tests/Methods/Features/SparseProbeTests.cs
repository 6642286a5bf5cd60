using HyperDas.Engine.Methods.Features;
using HyperDas.Engine.Tests.Golden;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Methods.Features;

public sealed class SparseProbeTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    [Fact]
    public void Only_the_features_that_tell_classes_apart_are_selected()
    {
        (Tensor x, Tensor classes) = ThreeClasses();

        Tensor selected = SparseProbe.Select(x, classes, 3, strength: 0.1, default);

        Assert.Equal([1, 1, 0, 0, 0, 0], selected.data<float>().ToArray());
    }

    [Fact]
    public void A_weaker_probe_keeps_less_and_the_weakest_nothing()
    {
        (Tensor x, Tensor classes) = ThreeClasses();

        float[] kept = [.. new[] { 1e-4, 1e-2, 10 }.Select(c => SparseProbe.Select(x, classes, 3, c, default).sum().item<float>())];

        Assert.Equal(0, kept[0]);
        Assert.True(kept[1] <= kept[2], $"{kept[1]} features with C = 0.01, {kept[2]} with C = 10");
    }

    [Fact]
    public void One_feature_and_two_classes_have_the_solution_of_pen_and_paper()
    {
        // x = ±1, balanced, so b = 0: |w| + 4 C (1 − w)² is least at w = 1 − 1 / (8 C).
        Tensor x = tensor(new[,] { { 1f }, { 1f }, { -1f }, { -1f } }), classes = tensor(new long[] { 1, 1, 0, 0 });

        Tensor w = SparseProbe.Fit(x, classes, 2, strength: 0.5, default, iterations: 5000, tolerance: 1e-7);

        GoldenCase.AssertClose(tensor(new[,] { { -0.75f, 0.75f } }), w, 1e-4);
    }

    [Fact]
    public void The_weights_satisfy_the_optimality_conditions()
    {
        (Tensor x, Tensor classes) = ThreeClasses();
        const double strength = 0.05;

        Tensor w = SparseProbe.Fit(x, classes, 3, strength, default, iterations: 20000, tolerance: 1e-8);

        // The bias isn't returned: find it by the condition that its own derivative vanishes.
        Tensor signs = (nn.functional.one_hot(classes, 3).to_type(ScalarType.Float32) * 2) - 1, bias = zeros(3);
        for (int i = 0; i < 2000; i++)
        {
            bias += (signs * (1 - (signs * (x.matmul(w) + bias))).clamp_min(0)).mean([0L]);
        }
        Tensor pull = x.transpose(0, 1).matmul(signs * (1 - (signs * (x.matmul(w) + bias))).clamp_min(0)) * (2 * strength);
        Tensor used = w != 0;
        Assert.True(used.any().item<bool>() && !used.all().item<bool>(), "the check needs used and unused weights");
        GoldenCase.AssertClose(w.sign()[used], pull[used], 2e-3, "pull on used weights");
        Assert.True(pull.abs().max().item<float>() < 1 + 2e-3, "an unused weight is pulled harder than its price");
    }

    [Fact]
    public void Fitting_stops_when_it_is_cancelled()
    {
        (Tensor x, Tensor classes) = ThreeClasses();

        Assert.Throws<OperationCanceledException>(() => SparseProbe.Fit(x, classes, 3, 1, new CancellationToken(canceled: true)));
    }

    public void Dispose() => _scope.Dispose();

    /// <summary>Three classes apart in the first two of six features; the others are noise.</summary>
    private static (Tensor X, Tensor Classes) ThreeClasses()
    {
        using Generator random = new(2, CPU);
        Tensor classes = arange(90, ScalarType.Int64) % 3;
        Tensor centres = tensor(new[,] { { 2f, 0f }, { -1f, 2f }, { -1f, -2f } }).index_select(0, classes);
        Tensor x = cat([centres + (0.3 * randn([90, 2], generator: random)), randn([90, 4], generator: random)], 1);
        return (x, classes);
    }
}
