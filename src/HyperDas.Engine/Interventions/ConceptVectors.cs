using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Interventions;

/// <summary>
/// Vectors of the hidden width that an MLP computes from the concept: either at full width, as in the original, or in q coordinates, mapped
/// by one trained matrix U shared by all concepts, so they lie in a span of q dimensions (docs/methods.md#the-span-of-a-subspaces-vectors).
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
            // Orthogonal columns, scaled to keep the mean length of the vectors.
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
