using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Pca;

/// <summary>Principal components of a domain's standardised entity vectors (docs/methods.md#pca), shared by its concepts.</summary>
public sealed class PrincipalComponents
{
    private readonly TrainableTensor _components;

    /// <summary>Registers the initial state: mean 0, deviation 1, the axes as components.</summary>
    /// <param name="store">Store of the state.</param>
    /// <param name="prefix">Prefix of its names on disk.</param>
    /// <param name="dimension">d.</param>
    public PrincipalComponents(ParameterStore store, string prefix, int dimension)
    {
        Mean = store.AddBuffer(prefix + "pca.mean", zeros(dimension));
        Deviation = store.AddBuffer(prefix + "pca.deviation", ones(dimension));
        _components = store.Add(prefix + "pca.components", ParameterGroup.Main, eye(dimension));
    }

    /// <summary>Mean of the vectors, <c>[d]</c>.</summary>
    public Tensor Mean { get; }

    /// <summary>Standard deviation of each dimension, <c>[d]</c>; 1 for a constant one.</summary>
    public Tensor Deviation { get; }

    /// <summary>The components as rows, in order of decreasing variance, <c>[d, d]</c>.</summary>
    public Tensor Components => _components.Value.detach();

    /// <summary>Fits to vectors.</summary>
    /// <param name="vectors"><c>[vectors, d]</c>.</param>
    public void Fit(Tensor vectors)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor wide = vectors.to_type(ScalarType.Float64);
        Tensor mean = wide.mean([0L]), deviation = (wide - mean).square().mean([0L]).sqrt();
        deviation = deviation.masked_fill(deviation == 0, 1);
        Tensor standard = (wide - mean) / deviation;
        (_, Tensor axes) = linalg.eigh(standard.transpose(0, 1).matmul(standard));
        Mean.copy_(mean);
        Deviation.copy_(deviation);
        _components.Value.copy_(axes.transpose(0, 1).flip(0));
    }

    /// <summary>Coordinates of vectors along the components.</summary>
    /// <param name="vectors"><c>[vectors, d]</c>, on the processor.</param>
    /// <returns><c>[vectors, d]</c>, in the caller's dispose scope.</returns>
    public Tensor Coordinates(Tensor vectors)
    {
        using DisposeScope scope = NewDisposeScope();
        return ((vectors - Mean.cpu()) / Deviation.cpu()).matmul(Components.cpu().transpose(0, 1)).MoveToOuterDisposeScope();
    }
}
