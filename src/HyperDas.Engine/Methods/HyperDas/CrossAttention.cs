using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels.Layers;
using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.HyperDas;

/// <summary>Attention from the instruction to a prompt's hidden states: query side and output (docs/methods.md#blocks).</summary>
internal sealed class CrossAttention
{
    private readonly HypernetworkShape _shape;
    private readonly TrainableTensor _norm;
    private readonly Projection _query, _out;
    private readonly double _queryFactor;

    /// <param name="store">Store of its parameters.</param>
    /// <param name="shape">Widths.</param>
    /// <param name="block">0-based index of its block.</param>
    /// <param name="name">Name on disk, e.g. <c>hypernetwork.model.layers.0.base_cross_attn</c>.</param>
    /// <param name="start">Initial values: the self-attention of the target's block.</param>
    /// <param name="layers">Creates the linear layers.</param>
    public CrossAttention(
        ParameterStore store, HypernetworkShape shape, int block, string name, StartingWeights start, ProjectionBuilder layers)
    {
        _shape = shape;
        long d = shape.Hidden, q = shape.QueryWidth;
        _norm = store.Add($"{name}_input_layernorm.weight", ParameterGroup.Main, start.Of(WeightRole.AttentionNorm, block, d));
        _query = layers.Build(block, $"{name}.q_proj", new ProjectionPart($"{name}.q_proj.weight", WeightRole.Query, q, d));
        _out = layers.Build(block, $"{name}.o_proj", new ProjectionPart($"{name}.o_proj.weight", WeightRole.Output, d, q));
        _queryFactor = layers.QueryFactor(block);
    }

    /// <param name="x">Instruction states, <c>[batch, length, d]</c>.</param>
    /// <param name="rotary">Tables of the queries' positions, broadcastable to <c>[batch, length, headWidth]</c>.</param>
    /// <param name="prompt">Keys and values.</param>
    /// <returns>The term to add to x.</returns>
    public Tensor Forward(Tensor x, RotaryTable rotary, KeysAndValues prompt)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor normed = RmsNorm.Apply(x, _norm, _shape.Epsilon);
        Tensor q = _query.Apply(normed).view(x.shape[0], x.shape[1], _shape.Heads, _shape.HeadWidth).transpose(1, 2);
        q = _queryFactor == 1 ? q : q * _queryFactor;
        q = RotaryEmbedding.Apply(q, new RotaryTable(rotary.Cos.unsqueeze(1), rotary.Sin.unsqueeze(1)));
        Tensor mixed = Attention.Apply(q, prompt.Keys, prompt.Values, prompt.Mask);
        return _out.Apply(mixed).MoveToOuterDisposeScope();
    }
}
