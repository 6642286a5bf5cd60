using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Interventions;

/// <summary>
/// A rank-k subspace generated for each concept: X = W + MLP(e), Δ ↦ Δ X (Xᵀ X)⁻¹ Xᵀ. Any two concepts can have any two subspaces, as with
/// k reflections (<see cref="HouseholderSubspace"/>), but every number of X changes the subspace directly instead of through a product of
/// reflections, which trains more reliably.
/// </summary>
public sealed class GeneratedSubspace : Subspace
{
    // Relative to the mean squared length of X's columns: keeps the projection defined when two columns coincide.
    private const double Ridge = 1e-4;
    private readonly TrainableTensor _shared;
    private readonly ConceptVectors _vectors;
    private readonly long _dimension;
    private readonly long _rank;

    /// <summary>Creates the subspace and registers its parameters.</summary>
    /// <param name="store">Where its state lives.</param>
    /// <param name="dimension">d.</param>
    /// <param name="rank">k.</param>
    /// <param name="inner">Inner width of the MLP.</param>
    /// <param name="span">Dimensions of the span of the MLP's output; 0 for all of d.</param>
    /// <param name="generator">Source of random starts.</param>
    public GeneratedSubspace(ParameterStore store, long dimension, long rank, long inner, long span, Generator generator)
    {
        _dimension = dimension;
        _rank = rank;
        using DisposeScope scope = NewDisposeScope();
        using (no_grad())
        {
            _shared = store.Add(
                SubspaceNames.SharedBasis, ParameterGroup.Main, linalg.qr(randn([dimension, rank], generator: generator)).Q);
        }
        _vectors = new ConceptVectors(store, SubspaceNames.BasisMlp, dimension, rank, inner, span, generator);
    }

    /// <inheritdoc/>
    public override Func<Tensor, Tensor> Prepare(Tensor concept)
    {
        Tensor x, gram;
        using (DisposeScope scope = NewDisposeScope())
        {
            x = (_vectors.Columns(concept) + _shared.Value).MoveToOuterDisposeScope();
            Tensor squares = x.transpose(1, 2).bmm(x);
            Tensor ridge = squares.diagonal(dim1: 1, dim2: 2).mean([1L]).detach() * Ridge;
            gram = (squares + eye(_rank, device: x.device) * ridge.view(-1, 1, 1)).MoveToOuterDisposeScope();
        }
        return delta =>
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor coordinates = linalg.solve(gram, delta.bmm(x).transpose(1, 2)).transpose(1, 2);
            return coordinates.bmm(x.transpose(1, 2)).MoveToOuterDisposeScope();
        };
    }
}
