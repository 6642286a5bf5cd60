using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Interventions;

/// <summary>
/// A trainable matrix with orthonormal columns, parametrised as the original's (docs/methods.md#orthonormal-basis): W = B · P(X), where B
/// is a fixed orthogonal matrix and P a product of k reflections (k &lt; d) or a matrix exponential (k = d).
/// </summary>
public sealed class OrthogonalBasis
{
    private readonly TrainableTensor _original;
    private readonly Tensor _base;
    private readonly long _dimension;
    private readonly long _rank;

    /// <summary>Creates the basis with a random orthonormal start and registers its state.</summary>
    /// <param name="store">Where its state lives.</param>
    /// <param name="name">Name on disk, e.g. <c>das_module.rotate_layer.parametrizations.weight</c>.</param>
    /// <param name="dimension">d.</param>
    /// <param name="rank">k, at most d.</param>
    /// <param name="generator">Source of the random start.</param>
    public OrthogonalBasis(ParameterStore store, string name, long dimension, long rank, Generator generator)
    {
        _dimension = dimension;
        _rank = rank;
        using DisposeScope scope = NewDisposeScope();
        using (no_grad())
        {
            (Tensor q, Tensor r) = linalg.qr(randn([dimension, dimension], generator: generator));
            _base = store.AddBuffer($"{name}.0.base", q * r.diagonal().sign());
            // X is initialised to −I (tall) or 0 (square): W is then the first k columns of B.
            Tensor original = rank < dimension ? eye(dimension, rank).neg() : zeros(dimension, dimension);
            _original = store.Add($"{name}.original", ParameterGroup.Rotation, original);
        }
    }

    /// <summary>W, differentiable with respect to the trained parameter. Compute it once a step.</summary>
    /// <returns><c>[d, k]</c>, float32, orthonormal columns.</returns>
    public Tensor Weight()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = _original.Value;
        if (_rank == _dimension)
        {
            Tensor lower = x.tril();
            return _base.matmul(linalg.matrix_exp(lower - lower.transpose(0, 1))).MoveToOuterDisposeScope();
        }
        // v_i = e_i + the part of column i below the diagonal; the diagonal itself contains only signs.
        Tensor vectors = x.tril(-1) + eye(_dimension, _rank, dtype: x.dtype, device: x.device);
        Tensor signs = x.detach().diagonal().trunc();
        Tensor columns = ReflectionProduct.Of(vectors).FirstColumns(_rank) * signs;
        return _base.matmul(columns).MoveToOuterDisposeScope();
    }
}
