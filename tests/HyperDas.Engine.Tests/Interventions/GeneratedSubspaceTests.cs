using HyperDas.Engine.Interventions;
using HyperDas.Engine.Numerics;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Interventions;

/// <summary>A subspace that is generated whole for each concept.</summary>
public sealed class GeneratedSubspaceTests : IDisposable
{
    private const int Width = 12, Rank = 3;
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly ParameterStore _store = new(CPU);
    private readonly GeneratedSubspace _subspace;
    private readonly Tensor _concepts;

    public GeneratedSubspaceTests()
    {
        using Generator generator = new(5, CPU);
        _subspace = new GeneratedSubspace(_store, Width, Rank, inner: 20, span: 0, generator);
        _concepts = randn([2, Width], generator: generator);
    }

    public void Dispose()
    {
        _store.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void It_projects_onto_rank_k()
    {
        Tensor p = Projectors();

        Assert.True(p.allclose(p.transpose(1, 2), atol: 1e-5));
        Assert.True(p.matmul(p).allclose(p, atol: 1e-3));
        Assert.True(p.diagonal(dim1: 1, dim2: 2).sum([1L]).allclose(full([2], (float)Rank), atol: 1e-2));
    }

    [Fact]
    public void Two_concepts_may_differ_in_every_direction()
    {
        Tensor p = Projectors();

        // One reflection would leave k − 1 of the directions in common: the trace of the product would be at least k − 1.
        Assert.True(p[0].matmul(p[1]).trace().item<float>() < Rank - 1);
    }

    [Fact]
    public void Gradients_reach_all_parameters_and_stay_finite()
    {
        _store.Seal();

        _subspace.Prepare(_concepts)(ones(2, 1, Width)).pow(2).sum().backward();

        Assert.All(
            _store.Gradients(), g => Assert.True(g.Value.isfinite().all().item<bool>() && g.Value.abs().sum().item<float>() > 0, g.Key));
    }

    private Tensor Projectors() => _subspace.Prepare(_concepts)(eye(Width).expand(2, -1, -1)).detach();
}
