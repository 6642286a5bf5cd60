using HyperDas.Engine.Interventions;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Tests.Golden;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Interventions;

/// <summary>What holds of a subspace whatever its parameters are.</summary>
public sealed class SubspaceTests : IDisposable
{
    private const int Width = 12, Rank = 4, Concepts = 3;
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly ParameterStore _store = new(CPU);
    private readonly Generator _random = new(5, CPU);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_turned_basis_still_projects_orthogonally(int reflections)
    {
        Tensor projector = Projector(Householder(reflections));

        GoldenCase.AssertClose(projector, projector.bmm(projector), 1e-5, "P P");
        GoldenCase.AssertClose(projector, projector.transpose(1, 2), 1e-5, "Pᵀ");
        GoldenCase.AssertClose(full([Concepts], (float)Rank), Traces(projector), 1e-4, "rank of P");
    }

    [Fact]
    public void With_one_reflection_the_projection_is_that_of_W_less_twice_v_vT_W()
    {
        HouseholderSubspace subspace = Householder(1);
        Tensor concepts = ConceptVectors(), w = Basis(), v = subspace.Vectors(concepts);
        Tensor turned = w - (2 * v.bmm(v.transpose(1, 2).matmul(w)));

        GoldenCase.AssertClose(turned.bmm(turned.transpose(1, 2)), Projector(subspace), 1e-5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Each_reflection_changes_the_projection_in_two_directions_at_most(int reflections)
    {
        HouseholderSubspace subspace = Householder(reflections);
        Tensor change = Projector(subspace) - Basis().matmul(Basis().transpose(0, 1));

        Tensor singular = linalg.svdvals(change);

        Assert.True(singular.narrow(1, 0, 2 * reflections).min().item<float>() > 1e-2);
        Assert.True(singular.narrow(1, 2 * reflections, Width - (2 * reflections)).max().item<float>() < 1e-5);
    }

    [Fact]
    public void As_many_reflections_as_directions_reach_any_subspace()
    {
        Tensor from = Orthonormal(), to = Orthonormal();

        // H_k … H_1 with v_i = (what from_i has become) − to_i sends from_i to to_i and leaves to_1 … to_{i−1} alone.
        Tensor moved = from;
        List<Tensor> vectors = [];
        for (int i = 0; i < Rank; i++)
        {
            Tensor v = (moved.select(1, i) - to.select(1, i)).unsqueeze(1);
            vectors.Insert(0, v);
            moved -= 2 * v.matmul(v.transpose(0, 1).matmul(moved)) / v.square().sum();
        }
        Tensor turned = ReflectionProduct.Of(cat(vectors, 1)).ApplyRightTransposed(from.transpose(0, 1)).transpose(0, 1);

        GoldenCase.AssertClose(to, turned, 1e-5);
    }

    [Fact]
    public void Concepts_turn_the_basis_each_in_their_own_way()
    {
        Tensor projector = Projector(Householder(1));

        Assert.True((projector[0] - projector[1]).abs().max().item<float>() > 1e-2);
    }

    [Fact]
    public void Reflection_vectors_have_length_one()
    {
        Tensor vectors = Householder(3).Vectors(ConceptVectors());

        Assert.Equal([Concepts, Width, 3], vectors.shape);
        GoldenCase.AssertClose(ones(Concepts, 3), vectors.norm(1), 1e-5);
    }

    [Theory]
    [InlineData(Rank)]
    [InlineData(Width)]
    public void A_new_basis_is_orthonormal_and_starts_as_the_first_columns_of_its_fixed_part(int rank)
    {
        LowRankSubspace subspace = new(_store, Width, rank, _random);
        _store.Seal();
        Tensor fixedPart = _store.State().Single(s => s.Key == $"{SubspaceNames.Rotation}.0.base").Value;

        GoldenCase.AssertClose(eye(Width), fixedPart.transpose(0, 1).matmul(fixedPart), 1e-5, "BᵀB");
        Tensor first = fixedPart.narrow(1, 0, rank);
        GoldenCase.AssertClose(first.matmul(first.transpose(0, 1)), Projector(subspace)[0], 1e-5, "W Wᵀ");
    }

    [Fact]
    public void As_many_directions_as_the_space_has_swap_the_whole_vector()
    {
        LowRankSubspace subspace = new(_store, Width, Width, _random);
        _store.Seal();
        Tensor delta = randn([2, 3, Width], generator: _random);

        GoldenCase.AssertClose(delta, subspace.Prepare(ConceptVectors())(delta), 1e-5);
    }

    [Fact]
    public void A_mask_lies_between_nothing_and_everything_and_hardens_as_it_cools()
    {
        MaskSubspace subspace = new(_store, Width, Rank, inner: 20, _random);
        _store.Seal();
        Tensor concepts = ConceptVectors();

        subspace.SetTemperature(50);
        GoldenCase.AssertClose(full([Concepts, Rank], 0.5f), subspace.Mask(concepts), 0.05, "hot");

        subspace.SetTemperature(1e-6);
        Tensor cold = subspace.Mask(concepts);
        GoldenCase.AssertClose(cold.round(), cold, 1e-3, "cold");
        Assert.True(cold.unique().output.shape[0] == 2, "some directions in, some out");
    }

    [Fact]
    public void A_boundless_subspace_takes_half_of_the_space_at_first()
    {
        BoundlessSubspace subspace = new(_store, Width, _random);
        _store.Seal();

        subspace.SetTemperature(0.01);

        // The mask's first coordinate lies on the soft edge (σ(0) = ½), and so does coordinate βd.
        GoldenCase.AssertClose(tensor(new[] { 0.5f, 1, 1, 1, 1, 1, 0.5f, 0, 0, 0, 0, 0 }), subspace.Mask(), 1e-5);
    }

    public void Dispose()
    {
        _store.Dispose();
        _random.Dispose();
        _scope.Dispose();
    }

    private HouseholderSubspace Householder(int reflections)
    {
        HouseholderSubspace subspace = new(_store, Width, Rank, reflections, inner: 20, span: 0, _random);
        _store.Seal();
        return subspace;
    }

    private Tensor ConceptVectors()
    {
        using Generator random = new(8, CPU);
        return randn([Concepts, Width], generator: random);
    }

    private Tensor Orthonormal() => linalg.qr(randn([Width, Rank], generator: _random)).Q;

    /// <summary>W of a basis that hasn't been trained.</summary>
    private Tensor Basis() => _store.State().Single(s => s.Key == $"{SubspaceNames.Rotation}.0.base").Value.narrow(1, 0, Rank);

    /// <summary>The matrix of the projection, <c>[concepts, d, d]</c>: what becomes of the unit vectors.</summary>
    private Tensor Projector(Subspace subspace) => subspace.Prepare(ConceptVectors())(eye(Width).expand(Concepts, -1, -1)).detach();

    private static Tensor Traces(Tensor matrices) => matrices.diagonal(dim1: 1, dim2: 2).sum([1L]);
}
