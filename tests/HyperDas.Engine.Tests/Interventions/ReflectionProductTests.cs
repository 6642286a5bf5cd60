using HyperDas.Engine.Interventions;
using HyperDas.Engine.Tests.Golden;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Interventions;

public sealed class ReflectionProductTests
{
    private const int Width = 10;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(10)]
    public void The_compact_form_is_the_product_of_the_explicit_reflectors(int reflections)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor vectors = Random(3, Width, reflections), rows = Random(3, 4, Width);
        Tensor expected = Explicit(vectors);

        ReflectionProduct product = ReflectionProduct.Of(vectors);

        GoldenCase.AssertClose(rows.bmm(expected), product.ApplyRight(rows), 1e-5, "x Q");
        GoldenCase.AssertClose(rows.bmm(expected.transpose(1, 2)), product.ApplyRightTransposed(rows), 1e-5, "x Qᵀ");
        GoldenCase.AssertClose(expected.narrow(2, 0, 3), product.FirstColumns(3), 1e-5, "columns of Q");
    }

    [Fact]
    public void The_order_of_the_reflections_matters_and_the_first_column_comes_first()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor vectors = Random(1, Width, 2), rows = Random(1, 4, Width);
        Tensor swapped = vectors.flip(2);

        Tensor first = ReflectionProduct.Of(vectors).ApplyRight(rows), second = ReflectionProduct.Of(swapped).ApplyRight(rows);

        GoldenCase.AssertClose(rows.bmm(Explicit(vectors)), first, 1e-5);
        Assert.True((first - second).abs().max().item<float>() > 0.1);
    }

    [Fact]
    public void Rows_keep_their_lengths_and_angles()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = Random(2, 6, Width);

        Tensor turned = ReflectionProduct.Of(Random(2, Width, 4)).ApplyRight(rows);

        GoldenCase.AssertClose(rows.bmm(rows.transpose(1, 2)), turned.bmm(turned.transpose(1, 2)), 1e-4);
    }

    [Fact]
    public void The_transpose_undoes_the_product()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = Random(2, 6, Width);
        ReflectionProduct product = ReflectionProduct.Of(Random(2, Width, 4));

        GoldenCase.AssertClose(rows, product.ApplyRightTransposed(product.ApplyRight(rows)), 1e-5);
    }

    [Fact]
    public void The_same_reflection_twice_is_none()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor v = Random(1, Width, 1), rows = Random(1, 6, Width);

        GoldenCase.AssertClose(rows, ReflectionProduct.Of(cat([v, v], 2)).ApplyRight(rows), 1e-5);
    }

    [Fact]
    public void Gradients_are_those_of_the_explicit_reflectors()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor vectors = Random(3, Width, 3), rows = Random(3, 4, Width), upstream = Random(3, 4, Width);
        Tensor fast = vectors.clone().requires_grad_(), slow = vectors.clone().requires_grad_();

        ReflectionProduct.Of(fast).ApplyRight(rows).backward([upstream]);
        rows.bmm(Explicit(slow)).backward([upstream]);

        GoldenCase.AssertClose(slow.grad!, fast.grad!, 1e-4);
    }

    /// <summary>H₁ H₂ … H_r as d × d matrices.</summary>
    private static Tensor Explicit(Tensor vectors)
    {
        Tensor product = eye(vectors.shape[1]).expand(vectors.shape[0], -1, -1);
        for (int i = 0; i < vectors.shape[2]; i++)
        {
            Tensor v = vectors.select(2, i).unsqueeze(2);
            product = product.bmm(eye(vectors.shape[1]) - (2 * v.bmm(v.transpose(1, 2)) / v.square().sum([1L, 2L]).view(-1, 1, 1)));
        }
        return product;
    }

    private static Tensor Random(params long[] shape)
    {
        using Generator random = new((ulong)(17 + shape.Sum()), CPU);
        return randn(shape, generator: random);
    }
}
