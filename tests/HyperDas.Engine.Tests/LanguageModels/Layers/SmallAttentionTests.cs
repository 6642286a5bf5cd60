using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.LanguageModels.Layers;
using HyperDas.Engine.Numerics.Kernels;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.LanguageModels.Layers;

public sealed class SmallAttentionTests : IDisposable
{
    private const double Tolerance = 1e-5, Scale = 0.3;
    private const string NoVectors = "This processor has no vectors of 8 numbers: the library's products are used instead.";

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly int _threads = get_num_threads();

    public void Dispose()
    {
        set_num_threads(_threads);
        _scope.Dispose();
    }

    // Numbers of queries and keys that fill neither blocks of rows nor vectors, and shared heads.
    [SkippableTheory]
    [InlineData(2, 4, 4, 5, 5, 16)]
    [InlineData(3, 8, 4, 28, 28, 32)]
    [InlineData(2, 6, 2, 1, 37, 64)]
    [InlineData(1, 3, 1, 7, 100, 48)]
    [InlineData(1, 2, 2, 128, 128, 32)]
    public void Values_and_gradients_are_those_of_the_formula(int batch, int heads, int groups, int queries, int keys, int width)
    {
        Skip.IfNot(SmallProduct.IsSupported, NoVectors);
        foreach (Tensor? mask in Masks(batch, queries, keys))
        {
            (Tensor q, Tensor k, Tensor v) = Random(batch, heads, groups, queries, keys, width);
            Assert.True(mask is null || SmallAttention.Suits(mask, width, queries, keys));

            AssertSame(
                Run((a, b, c) => Formula(a, b, c, mask?.to_type(ScalarType.Float64)), q, k, v, ScalarType.Float64),
                Run((a, b, c) => SmallAttention.Apply(a, b, c, mask, Scale), q, k, v, ScalarType.Float32));
        }
    }

    [SkippableFact]
    public void Texts_without_padding_have_the_values_and_gradients_of_each_text()
    {
        Skip.IfNot(SmallProduct.IsSupported, NoVectors);
        TokenPacking packing = new([5, 1, 18, 12]);
        Tensor mask = Causal(packing.Count, packing.Longest);
        (Tensor q, Tensor k, Tensor v) = Random(1, 4, 2, packing.Total, packing.Total, 32);

        AssertSame(
            Run((a, b, c) => cat([.. Enumerable.Range(0, packing.Count).Select(n => Formula(
                Text(a, n), Text(b, n), Text(c, n), Causal(1, packing.Length(n)).to_type(ScalarType.Float64)))], 1),
                q, k, v, ScalarType.Float64),
            Run((a, b, c) => SmallAttention.Apply(a, b, c, mask, Scale, packing, asksPacked: true), q, k, v, ScalarType.Float32));

        Tensor Text(Tensor of, int n) => of.narrow(2, packing.Offset(n), packing.Length(n));
    }

    [SkippableFact]
    public void Some_tokens_of_each_text_see_those_of_their_own_text()
    {
        Skip.IfNot(SmallProduct.IsSupported, NoVectors);
        TokenPacking packing = new([5, 3, 18]);
        Tensor mask = zeros(packing.Count, 1, 2, packing.Longest);
        Tensor q = Random(3, 4, 2, 2, 2, 16).Q;
        (_, Tensor k, Tensor v) = Random(1, 4, 2, packing.Total, packing.Total, 16);

        AssertSame(
            Run((a, b, c) => cat([.. Enumerable.Range(0, 3).Select(n => Formula(a.narrow(0, n, 1), Text(b, n), Text(c, n), null))], 0),
                q, k, v, ScalarType.Float64),
            Run((a, b, c) => SmallAttention.Apply(a, b, c, mask, Scale, packing), q, k, v, ScalarType.Float32));

        Tensor Text(Tensor of, int n) => of.narrow(2, packing.Offset(n), packing.Length(n));
    }

    [SkippableFact]
    public void Any_number_of_threads_and_no_gradient_give_the_same_bits()
    {
        Skip.IfNot(SmallProduct.IsSupported, NoVectors);
        (Tensor q, Tensor k, Tensor v) = Random(3, 8, 4, 28, 28, 32);
        Tensor mask = Causal(3, 28);
        set_num_threads(1);
        Tensor[] one = Run((a, b, c) => SmallAttention.Apply(a, b, c, mask, Scale), q, k, v, ScalarType.Float32);
        set_num_threads(4);
        Tensor[] four = Run((a, b, c) => SmallAttention.Apply(a, b, c, mask, Scale), q, k, v, ScalarType.Float32);

        Assert.All(one.Zip(four), pair => Assert.True(pair.First.equal(pair.Second).all().item<bool>()));
        using IDisposable noGradient = no_grad();
        Assert.True(one[0].equal(SmallAttention.Apply(q, k, v, mask, Scale)).all().item<bool>());
    }

    [Theory]
    [InlineData(28, 28, 40, ScalarType.Float32)]
    [InlineData(200, 200, 32, ScalarType.Float32)]
    [InlineData(28, 28, 32, ScalarType.BFloat16)]
    [InlineData(28, 28, 32, ScalarType.Float64)]
    public void Other_sizes_and_formats_are_left_to_the_library(int queries, int keys, int width, ScalarType dtype) =>
        Assert.False(SmallAttention.Suits(zeros([1, 1, queries, keys], dtype), width, queries, keys));

    // None, causal with padding, one row for all queries, and scores that are low instead of minus infinity.
    private static Tensor?[] Masks(int batch, int queries, int keys) =>
    [
        null,
        queries == keys ? Causal(batch, queries) : null,
        rand(batch, 1, 1, keys) - 0.5,
        (zeros(1, 1, queries, keys) - 1e30).triu(1),
    ];

    private static Tensor Causal(int batch, int tokens) =>
        full([batch, 1, tokens, tokens], float.NegativeInfinity, ScalarType.Float32).triu(1);

    private static (Tensor Q, Tensor K, Tensor V) Random(int batch, int heads, int groups, int queries, int keys, int width)
    {
        using Generator random = new(3, CPU);
        // As a block makes them: parts of one projection, with heads and tokens exchanged.
        Tensor Part(int count, int tokens) =>
            randn([batch, tokens, count + 2, width], generator: random).narrow(2, 1, count).transpose(1, 2);
        return (Part(heads, queries), Part(groups, keys), Part(groups, keys));
    }

    private static Tensor Formula(Tensor q, Tensor k, Tensor v, Tensor? mask)
    {
        long shared = q.shape[1] / k.shape[1];
        Tensor scores = q.matmul(k.repeat_interleave(shared, 1).transpose(2, 3)) * Scale;
        Tensor weights = (mask is null ? scores : scores + mask).softmax(-1);
        return weights.matmul(v.repeat_interleave(shared, 1)).transpose(1, 2).flatten(2);
    }

    // The value and the gradients of a sum in which every number has its own weight.
    private static Tensor[] Run(Func<Tensor, Tensor, Tensor, Tensor> attention, Tensor q, Tensor k, Tensor v, ScalarType dtype)
    {
        Tensor[] inputs = [.. new[] { q, k, v }.Select(x => x.detach().to_type(dtype).requires_grad_())];
        Tensor result = attention(inputs[0], inputs[1], inputs[2]);
        OwnGradient.Backward((result * arange(result.numel(), dtype).view(result.shape).sin()).sum());
        return [result.detach(), .. inputs.Select(x => x.grad!)];
    }

    private static void AssertSame(Tensor[] expected, Tensor[] found)
    {
        foreach ((Tensor right, Tensor here) in expected.Zip(found))
        {
            Assert.Equal(right.shape, here.shape);
            double distance = ((right - here).abs().max() / right.abs().max().clamp_min(1e-3)).item<double>();
            Assert.True(distance < Tolerance, $"{distance}");
        }
    }
}
