using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels.Layers;
using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.HyperDas;

/// <summary>
/// One double-cross-attention block (docs/methods.md#blocks): self-attention over the instruction, then attention to the source's and to
/// the base's hidden states, then SwiGLU. Keys and values of the cross-attentions are projected outside, for all blocks at once.
/// </summary>
internal sealed class HypernetworkBlock
{
    private readonly HypernetworkShape _shape;
    private readonly TrainableTensor _inputNorm, _postNorm;
    private readonly Projection _selfQkv, _selfOut, _gateUp, _down;
    private readonly double _queryFactor;
    private readonly CrossAttention? _source, _base;

    public HypernetworkBlock(
        ParameterStore store, HypernetworkShape shape, int index, HypernetworkOptions options, StartingWeights start,
        ProjectionBuilder layers)
    {
        _shape = shape;
        string On(string name) => $"hypernetwork.model.layers.{index}.{name}";
        ProjectionPart Part(string name, WeightRole role, long outputs, long inputs) => new(On(name + ".weight"), role, outputs, inputs);
        long d = shape.Hidden, q = shape.QueryWidth, kv = shape.KeyWidth;

        _inputNorm = store.Add(On("input_layernorm.weight"), ParameterGroup.Main, start.Of(WeightRole.AttentionNorm, index, d));
        _selfQkv = layers.Build(
            index, On("self_attn.qkv_proj"), Part("self_attn.q_proj", WeightRole.Query, q, d),
            Part("self_attn.k_proj", WeightRole.Key, kv, d),
            Part("self_attn.v_proj", WeightRole.Value, kv, d));
        _queryFactor = layers.QueryFactor(index);
        _selfOut = layers.Build(index, On("self_attn.o_proj"), Part("self_attn.o_proj", WeightRole.Output, d, q));
        _source = options.AblateSourceAttention ? null : new CrossAttention(store, shape, index, On("source_cross_attn"), start, layers);
        _base = options.AblateBaseAttention ? null : new CrossAttention(store, shape, index, On("base_cross_attn"), start, layers);
        _postNorm = store.Add(On("post_attention_layernorm.weight"), ParameterGroup.Main, start.Of(WeightRole.FeedForwardNorm, index, d));
        _gateUp = layers.Build(
            index, On("mlp.gate_up_proj"), Part("mlp.gate_proj", WeightRole.Gate, shape.Inner, d),
            Part("mlp.up_proj", WeightRole.Up, shape.Inner, d));
        _down = layers.Build(index, On("mlp.down_proj"), Part("mlp.down_proj", WeightRole.Down, d, shape.Inner));
    }

    /// <param name="x">Instruction states, <c>[batch, length, d]</c>.</param>
    /// <param name="rotary">Tables of the instruction positions 1, 2, …, <c>[length, headWidth]</c>.</param>
    /// <param name="mask">Additive self-attention mask, or null for none.</param>
    /// <param name="source">Keys and values of the source prompt for this block.</param>
    /// <param name="base">Keys and values of the base prompt for this block.</param>
    /// <param name="last">Index of each instruction's last token if only that token's state is needed, otherwise null.</param>
    /// <returns><c>[batch, length or 1, d]</c>.</returns>
    public Tensor Forward(Tensor x, RotaryTable rotary, Tensor? mask, KeysAndValues? source, KeysAndValues? @base, Tensor? last)
    {
        using DisposeScope scope = NewDisposeScope();
        long batch = x.shape[0], length = x.shape[1];
        Tensor normed = RmsNorm.Apply(x, _inputNorm, _shape.Epsilon);
        Tensor qkv = _selfQkv.Apply(normed).view(batch, length, -1, _shape.HeadWidth).transpose(1, 2);
        Tensor[] parts = qkv.split([_shape.Heads + _shape.Groups, _shape.Groups], 1);
        Tensor[] rotated = RotaryEmbedding.Apply(parts[0], rotary).split([_shape.Heads, _shape.Groups], 1);
        Tensor q = _queryFactor == 1 ? rotated[0] : rotated[0] * _queryFactor, k = rotated[1], v = parts[1];
        RotaryTable queryRotary = new(rotary.Cos.unsqueeze(0), rotary.Sin.unsqueeze(0));
        if (last is not null)
        {
            // The other tokens of the last block aren't used, so only one query per row remains from here.
            x = Pick(x, last);
            Tensor index = last.view(-1, 1, 1, 1).expand(batch, _shape.Heads, 1, _shape.HeadWidth);
            q = q.gather(2, index);
            mask = mask is null ? null : Pick(mask.view(1, length, length).expand(batch, -1, -1), last).unsqueeze(1);
            queryRotary = new RotaryTable(rotary.Cos.index_select(0, last).unsqueeze(1), rotary.Sin.index_select(0, last).unsqueeze(1));
        }
        x = x + _selfOut.Apply(Attention.Apply(q, k, v, mask));
        if (_source is not null && source is not null)
        {
            x = x + _source.Forward(x, queryRotary, source.Value);
        }
        if (_base is not null && @base is not null)
        {
            x = x + _base.Forward(x, queryRotary, @base.Value);
        }
        Tensor[] inner = _gateUp.Apply(RmsNorm.Apply(x, _postNorm, _shape.Epsilon)).chunk(2, -1);
        x = x + _down.Apply(nn.functional.silu(inner[0]) * inner[1]);
        return x.MoveToOuterDisposeScope();
    }

    /// <summary>Row <c>index[n]</c> of <c>[batch, length, width]</c>, as <c>[batch, 1, width]</c>.</summary>
    private static Tensor Pick(Tensor x, Tensor index) =>
        x.gather(1, index.view(-1, 1, 1).expand(x.shape[0], 1, x.shape[2]));
}
