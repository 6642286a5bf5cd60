using static TorchSharp.torch;

namespace HyperDas.Reference;

/// <summary>
/// The edit as the original computes it (docs/methods.md#subspaces): a d × d reflector is written out for every example and
/// reflection, the source's contribution as one vector per (source, base) pair.
/// </summary>
/// <param name="options">What the interpreter consists of.</param>
/// <param name="parameters">Its parameters.</param>
internal sealed class ReferenceSubspace(HypernetworkOptions options, ReferenceParameters parameters)
{
    private const double Epsilon = 1e-5;
    private const string Rotation = "das_module.rotate_layer.parametrizations.weight";

    /// <summary>Mixes in the source's states and moves what lies in the subspace.</summary>
    /// <param name="hidden">h, <c>[batch, base, d]</c>.</param>
    /// <param name="source">h_src, <c>[batch, source, d]</c>.</param>
    /// <param name="weights">Applied w, <c>[batch, source + 1, base]</c>.</param>
    /// <param name="concept">e, <c>[batch, d]</c>.</param>
    /// <returns>h', <c>[batch, base, d]</c>.</returns>
    public Tensor Edit(Tensor hidden, Tensor source, Tensor weights, Tensor concept)
    {
        long sources = source.shape[1];
        Tensor perPair = weights.narrow(1, 0, sources).unsqueeze(-1) * source.unsqueeze(2);
        Tensor mix = perPair.sum([1L]) + (weights.select(1, sources).unsqueeze(-1) * hidden);
        switch (options.Subspace)
        {
            case SubspaceKind.None:
                return mix;
            case SubspaceKind.Householder:
                Tensor turned = Reflectors(concept).matmul(Basis(hidden.shape[2]));
                return hidden + (mix.bmm(turned) - hidden.bmm(turned)).bmm(turned.transpose(1, 2));
            case SubspaceKind.LowRank:
                Tensor w = Basis(hidden.shape[2]);
                return hidden + (mix.matmul(w) - hidden.matmul(w)).matmul(w.transpose(0, 1));
            case SubspaceKind.Mask:
                Tensor v = Basis(hidden.shape[2]);
                Tensor gate = (Mlp(concept, "mask_projection") / parameters["das_module.temperature"]).sigmoid().unsqueeze(1);
                return hidden + (gate * (mix.matmul(v) - hidden.matmul(v))).matmul(v.transpose(0, 1));
            case SubspaceKind.Boundless:
                Tensor o = Basis(hidden.shape[2]), mask = Boundary(hidden.shape[2]);
                return (((1 - mask) * hidden.matmul(o)) + (mask * mix.matmul(o))).matmul(o.transpose(0, 1));
            default:
                throw new ArgumentOutOfRangeException(nameof(options), options.Subspace, "Unknown subspace.");
        }
    }

    /// <summary>H₁ … H_r with H = I − 2 v vᵀ, <c>[batch, d, d]</c>.</summary>
    private Tensor Reflectors(Tensor concept)
    {
        long d = concept.shape[1];
        Tensor raw = Mlp(concept, "rv_proj");
        Tensor unit = eye(d, dtype: concept.dtype, device: concept.device);
        Tensor? product = null;
        for (int i = 0; i < options.Reflections; i++)
        {
            Tensor r = raw.narrow(1, i * d, d);
            Tensor v = r / r.norm(-1, keepdim: true);
            Tensor reflector = unit - (2 * v.unsqueeze(2).bmm(v.unsqueeze(1)));
            product = product is null ? reflector : product.bmm(reflector);
        }
        return product!;
    }

    private Tensor Mlp(Tensor concept, string name) => ReferenceAttention.SwiGlu(
        ReferenceAttention.RmsNorm(concept, parameters["das_module.input_layernorm.weight"], Epsilon),
        parameters[$"das_module.{name}.gate_proj.weight"],
        parameters[$"das_module.{name}.up_proj.weight"],
        parameters[$"das_module.{name}.down_proj.weight"]);

    /// <summary>
    /// W = B · P(X): the reflections of X's columns multiplied out one by one, or a matrix exponential (docs/methods.md#orthonormal-basis).
    /// </summary>
    private Tensor Basis(long dimension)
    {
        Tensor x = parameters[$"{Rotation}.original"], fixedPart = parameters[$"{Rotation}.0.base"];
        if (x.shape[1] == dimension)
        {
            return fixedPart.matmul(linalg.matrix_exp(x.tril() - x.tril().transpose(0, 1)));
        }
        Tensor below = x.tril(-1);
        Tensor columns = linalg.householder_product(below, 2 / (1 + below.square().sum([0L])));
        return fixedPart.matmul(columns * x.detach().diagonal().trunc());
    }

    private Tensor Boundary(long dimension)
    {
        Tensor x = arange(dimension, ScalarType.Float32, parameters[$"{Rotation}.original"].device),
            temperature = parameters["das_module.temperature"];
        Tensor boundary = parameters["das_module.intervention_boundaries"].clamp(1e-3, 1) * dimension;
        return (x / temperature).sigmoid() * ((boundary - x) / temperature).sigmoid();
    }
}
