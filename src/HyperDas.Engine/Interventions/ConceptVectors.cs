using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Interventions;

/// <summary>
/// Vectors of the hidden width that an MLP reads off the concept: made whole, as the original's, or made in q coordinates and turned by one
/// trained matrix U that all concepts share, so that they lie in a span of q dimensions (docs/methods.md#the-span-of-a-subspaces-vectors).
/// </summary>
internal sealed class ConceptVectors
{
    private readonly ConceptMlp _mlp;
    private readonly TrainableTensor? _span;
    private readonly long _count, _length;

    /// <param name="store">Where the parameters live.</param>
    /// <param name="name">Name of the MLP on disk.</param>
    /// <param name="dimension">d.</param>
    /// <param name="count">How many vectors, n.</param>
    /// <param name="inner">Inner width of the MLP.</param>
    /// <param name="span">q, at most d; 0 for none.</param>
    /// <param name="generator">Source of random starts.</param>
    public ConceptVectors(ParameterStore store, string name, long dimension, long count, long inner, long span, Generator generator)
    {
        _count = count;
        _length = span == 0 ? dimension : span;
        _mlp = new ConceptMlp(store, name, ParameterGroup.Main, dimension, inner, count * _length, generator);
        if (span == 0)
        {
            return;
        }
        using DisposeScope scope = NewDisposeScope();
        using (no_grad())
        {
            // Orthogonal columns, of a length that gives the vectors the mean length that they have without it.
            _span = store.Add(
                SubspaceNames.Span, ParameterGroup.Main,
                linalg.qr(randn([dimension, span], generator: generator)).Q * Math.Sqrt((double)dimension / span));
        }
    }

    /// <summary>The vectors as rows.</summary>
    /// <param name="concept"><c>[batch, d]</c>.</param>
    /// <returns><c>[batch, n, d]</c>.</returns>
    public Tensor Rows(Tensor concept)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor made = _mlp.Apply(concept).view(-1, _count, _length);
        return (_span is null ? made : nn.functional.linear(made, _span)).MoveToOuterDisposeScope();
    }

    /// <summary>The vectors as columns.</summary>
    /// <param name="concept"><c>[batch, d]</c>.</param>
    /// <returns><c>[batch, d, n]</c>.</returns>
    public Tensor Columns(Tensor concept)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor made = _mlp.Apply(concept).view(-1, _length, _count);
        return (_span is null ? made : _span.Value.matmul(made)).MoveToOuterDisposeScope();
    }
}
