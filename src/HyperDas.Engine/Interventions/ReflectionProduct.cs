using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Interventions;

/// <summary>
/// A product of Householder reflections Q = H₁ H₂ … H_r, H_i = I − 2 v_i v_iᵀ / ‖v_i‖², in compact form Q = I − V T Vᵀ with
/// T⁻¹ = ½ diag(‖v_i‖²) + strictly upper part of VᵀV. Applying it costs O(d r) a vector; no d × d matrix is ever made.
/// </summary>
public sealed class ReflectionProduct
{
    private readonly Tensor _vectors;
    private readonly Tensor _core;

    private ReflectionProduct(Tensor vectors, Tensor core)
    {
        _vectors = vectors;
        _core = core;
    }

    /// <summary>Prepares the product.</summary>
    /// <param name="vectors">V, <c>[..., d, r]</c>, column i = v_i; none may be zero. It must outlive the product.</param>
    public static ReflectionProduct Of(Tensor vectors)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor gram = vectors.transpose(-2, -1).matmul(vectors);
        Tensor inverse = gram.triu(1) + (gram.diagonal(dim1: -2, dim2: -1) * 0.5).diag_embed();
        Tensor identity = eye(vectors.shape[^1], dtype: vectors.dtype, device: vectors.device).expand_as(inverse);
        return new ReflectionProduct(vectors, linalg.solve_triangular(inverse, identity, upper: true).MoveToOuterDisposeScope());
    }

    /// <summary>x Q for row vectors x.</summary>
    /// <param name="rows"><c>[..., n, d]</c>.</param>
    /// <returns>As rows.</returns>
    public Tensor ApplyRight(Tensor rows)
    {
        using DisposeScope scope = NewDisposeScope();
        return (rows - rows.matmul(_vectors).matmul(_core).matmul(_vectors.transpose(-2, -1))).MoveToOuterDisposeScope();
    }

    /// <summary>x Qᵀ for row vectors x.</summary>
    /// <param name="rows"><c>[..., n, d]</c>.</param>
    /// <returns>As rows.</returns>
    public Tensor ApplyRightTransposed(Tensor rows)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor turned = rows.matmul(_vectors).matmul(_core.transpose(-2, -1)).matmul(_vectors.transpose(-2, -1));
        return (rows - turned).MoveToOuterDisposeScope();
    }

    /// <summary>The first columns of Q.</summary>
    /// <param name="count">How many, k.</param>
    /// <returns><c>[..., d, k]</c>.</returns>
    public Tensor FirstColumns(long count)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor top = _vectors.narrow(-2, 0, count).transpose(-2, -1);
        Tensor unit = eye(_vectors.shape[^2], count, dtype: _vectors.dtype, device: _vectors.device);
        return (unit - _vectors.matmul(_core.matmul(top))).MoveToOuterDisposeScope();
    }
}
