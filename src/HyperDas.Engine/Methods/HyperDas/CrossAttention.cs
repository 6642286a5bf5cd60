using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels.Layers;
using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.HyperDas;

/// <summary>Attention from the instruction to a prompt's hidden states: query side and output (spec/hyperdas 2.3).</summary>
internal sealed class CrossAttention
{
    private readonly HypernetworkShape _shape;
    private readonly TrainableTensor _norm, _query, _out;

    /// <param name="store">Where its parameters live.</param>
    /// <param name="shape">Widths.</param>
    /// <param name="name">Name on disk, e.g. <c>hypernetwork.model.layers.0.base_cross_attn</c>.</param>
    /// <param name="from">Starting values, by the role in the self-attention that they are copied from.</param>
    public CrossAttention(ParameterStore store, HypernetworkShape shape, string name, StartingValues from)
    {
        _shape = shape;
        _norm = store.Add($"{name}_input_layernorm.weight", ParameterGroup.Main, from(WeightRole.AttentionNorm, shape.Hidden));
        _query = store.Add($"{name}.q_proj.weight", ParameterGroup.Main, from(WeightRole.Query, shape.QueryWidth, shape.Hidden));
        _out = store.Add($"{name}.o_proj.weight", ParameterGroup.Main, from(WeightRole.Output, shape.Hidden, shape.QueryWidth));
    }

    /// <summary>Starting values of a tensor, by its role in the target's block.</summary>
    public delegate Tensor StartingValues(WeightRole role, params long[] size);

    /// <param name="x">Instruction states, <c>[batch, length, d]</c>.</param>
    /// <param name="rotary">Tables of the queries' positions, broadcastable to <c>[batch, length, headWidth]</c>.</param>
    /// <param name="prompt">Keys and values.</param>
    /// <returns>What to add to x.</returns>
    public Tensor Forward(Tensor x, RotaryTable rotary, KeysAndValues prompt)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor normed = RmsNorm.Apply(x, _norm, _shape.Epsilon);
        Tensor q = nn.functional.linear(normed, _query).view(x.shape[0], x.shape[1], _shape.Heads, _shape.HeadWidth).transpose(1, 2);
        q = RotaryEmbedding.Apply(q, new RotaryTable(rotary.Cos.unsqueeze(1), rotary.Sin.unsqueeze(1)));
        Tensor mixed = Attention.Apply(q, prompt.Keys, prompt.Values, prompt.Mask);
        return nn.functional.linear(mixed, _out).MoveToOuterDisposeScope();
    }
}
