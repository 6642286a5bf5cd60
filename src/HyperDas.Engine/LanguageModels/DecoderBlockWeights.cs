using HyperDas.Engine.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <summary>
/// Weights of one Llama block. Projections that read the same input are stored as one matrix, since on small batches the number of
/// operations costs more than the arithmetic; the parts by name are views of it.
/// </summary>
public sealed class DecoderBlockWeights : IDisposable
{
    internal DecoderBlockWeights(ModelConfig config, ScalarType dtype, Device device)
    {
        long d = config.HiddenSize, inner = config.InnerWidth;
        long queries = (long)config.HeadCount * config.HeadWidth, keys = (long)config.KeyValueHeadCount * config.HeadWidth;
        InputNorm = Allocate([d]);
        QueryKeyValue = Allocate([queries + 2 * keys, d]);
        Output = Allocate([d, queries]);
        PostAttentionNorm = Allocate([d]);
        GateUp = Allocate([2 * inner, d]);
        Down = Allocate([d, inner]);
        Query = Part(QueryKeyValue, 0, queries);
        Key = Part(QueryKeyValue, queries, keys);
        Value = Part(QueryKeyValue, queries + keys, keys);
        KeyValue = Part(QueryKeyValue, queries, 2 * keys);
        Gate = Part(GateUp, 0, inner);
        Up = Part(GateUp, inner, inner);

        Tensor Allocate(long[] shape) => empty(shape, dtype: dtype, device: device).DetachFromDisposeScope();
        static Tensor Part(Tensor whole, long start, long length) => whole.narrow(0, start, length).DetachFromDisposeScope();
    }

    /// <summary>Scale of the normalisation before attention, <c>[hidden]</c>.</summary>
    public Tensor InputNorm { get; }

    /// <summary>Query, key and value projections below one another, <c>[(heads + 2 * groups) * headWidth, hidden]</c>.</summary>
    public Tensor QueryKeyValue { get; }

    /// <summary>View of the query projection, <c>[heads * headWidth, hidden]</c>.</summary>
    public Tensor Query { get; }

    /// <summary>View of the key projection, <c>[groups * headWidth, hidden]</c>.</summary>
    public Tensor Key { get; }

    /// <summary>View of the value projection, <c>[groups * headWidth, hidden]</c>.</summary>
    public Tensor Value { get; }

    /// <summary>View of the key and value projections, <c>[2 * groups * headWidth, hidden]</c>.</summary>
    public Tensor KeyValue { get; }

    /// <summary>Projection after attention, <c>[hidden, heads * headWidth]</c>.</summary>
    public Tensor Output { get; }

    /// <summary>Scale of the normalisation before the feed-forward layer, <c>[hidden]</c>.</summary>
    public Tensor PostAttentionNorm { get; }

    /// <summary>Gate and up projections below one another, <c>[2 * inner, hidden]</c>.</summary>
    public Tensor GateUp { get; }

    /// <summary>View of the gate projection, <c>[inner, hidden]</c>.</summary>
    public Tensor Gate { get; }

    /// <summary>View of the up projection, <c>[inner, hidden]</c>.</summary>
    public Tensor Up { get; }

    /// <summary>Down projection, <c>[hidden, inner]</c>.</summary>
    public Tensor Down { get; }

    /// <summary>The tensors under the names that Hugging Face gives them inside a block.</summary>
    internal IEnumerable<KeyValuePair<string, Tensor>> Named()
    {
        yield return new("input_layernorm.weight", InputNorm);
        yield return new("self_attn.q_proj.weight", Query);
        yield return new("self_attn.k_proj.weight", Key);
        yield return new("self_attn.v_proj.weight", Value);
        yield return new("self_attn.o_proj.weight", Output);
        yield return new("post_attention_layernorm.weight", PostAttentionNorm);
        yield return new("mlp.gate_proj.weight", Gate);
        yield return new("mlp.up_proj.weight", Up);
        yield return new("mlp.down_proj.weight", Down);
    }

    /// <summary>The names and shapes of <see cref="Named"/>.</summary>
    internal static IEnumerable<(string Name, long[] Shape)> Shapes(ModelConfig config)
    {
        long d = config.HiddenSize, inner = config.InnerWidth;
        long queries = (long)config.HeadCount * config.HeadWidth, keys = (long)config.KeyValueHeadCount * config.HeadWidth;
        return
        [
            ("input_layernorm.weight", [d]), ("self_attn.q_proj.weight", [queries, d]), ("self_attn.k_proj.weight", [keys, d]), ("self_attn.v_proj.weight", [keys, d]),
            ("self_attn.o_proj.weight", [d, queries]), ("post_attention_layernorm.weight", [d]), ("mlp.gate_proj.weight", [inner, d]), ("mlp.up_proj.weight", [inner, d]),
            ("mlp.down_proj.weight", [d, inner]),
        ];
    }

    /// <summary>Releases the native memory.</summary>
    public void Dispose()
    {
        foreach (Tensor tensor in (Tensor[])[InputNorm, Query, Key, Value, KeyValue, QueryKeyValue, Output, PostAttentionNorm, Gate, Up, GateUp, Down])
        {
            tensor.Dispose();
        }
    }
}
