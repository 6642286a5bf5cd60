using HyperDas.Engine.LanguageModels.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace HyperDas.Reference;

/// <summary>
/// Attention and its surroundings written out plainly: keys and values repeated for every head, masks added (docs/methods.md#blocks).
/// </summary>
internal static class ReferenceAttention
{
    /// <summary>Added to scores that may not count; finite, so that a row without any stays finite.</summary>
    public const float Hidden = -1e30f;

    /// <summary>g ⊙ x / √(mean(x²) + ε).</summary>
    public static Tensor RmsNorm(Tensor x, Tensor weight, double epsilon) => x
        / (x.square().mean([-1L], keepdim: true) + epsilon).sqrt() * weight;

    /// <summary>W_down( SiLU(W_gate x) ⊙ W_up x ).</summary>
    public static Tensor SwiGlu(Tensor x, Tensor gate, Tensor up, Tensor down) =>
        functional.linear(functional.silu(functional.linear(x, gate)) * functional.linear(x, up), down);

    /// <summary>Splits the last axis into heads: <c>[batch, tokens, heads · width]</c> to <c>[batch, heads, tokens, width]</c>.</summary>
    public static Tensor Heads(Tensor x, int width) => x.view(x.shape[0], x.shape[1], -1, width).transpose(1, 2);

    /// <summary>Turns head vectors by their positions.</summary>
    /// <param name="x"><c>[batch, heads, tokens, width]</c>.</param>
    /// <param name="positions"><c>[batch, tokens]</c>.</param>
    /// <param name="speeds"><c>[width / 2]</c>.</param>
    public static Tensor Rotate(Tensor x, Tensor positions, Tensor speeds)
    {
        Tensor angles = positions.to_type(ScalarType.Float32).unsqueeze(-1) * speeds;
        Tensor both = cat([angles, angles], -1).unsqueeze(1);
        Tensor[] halves = x.chunk(2, -1);
        return (x * both.cos()) + (cat([-halves[1], halves[0]], -1) * both.sin());
    }

    /// <summary>Running count of what a mask shows; 0 where it hides.</summary>
    /// <param name="mask"><c>[batch, tokens]</c>, int64.</param>
    public static Tensor Ranks(Tensor mask) => mask.cumsum(1) * mask;

    /// <summary>softmax(q kᵀ / √width + mask) v.</summary>
    /// <param name="q"><c>[batch, heads, queries, width]</c>.</param>
    /// <param name="k"><c>[batch, groups, keys, width]</c>.</param>
    /// <param name="v"><c>[batch, groups, keys, width]</c>.</param>
    /// <param name="visible">1 where a key counts, broadcastable to <c>[batch, heads, queries, keys]</c>; null: everywhere.</param>
    /// <returns><c>[batch, queries, heads · width]</c>.</returns>
    public static Tensor Attend(Tensor q, Tensor k, Tensor v, Tensor? visible)
    {
        long shared = q.shape[1] / k.shape[1];
        Tensor keys = k.repeat_interleave(shared, 1), values = v.repeat_interleave(shared, 1);
        Tensor scores = q.matmul(keys.transpose(2, 3)) / Math.Sqrt(q.shape[3]);
        if (visible is not null)
        {
            scores = scores + ((1 - visible.to_type(ScalarType.Float32)) * Hidden);
        }
        return scores.softmax(-1).matmul(values).transpose(1, 2).reshape(q.shape[0], q.shape[2], -1);
    }

    /// <summary>Rotation speeds of a head.</summary>
    public static Tensor Speeds(Engine.LanguageModels.LanguageModel model) =>
        tensor(RotaryEmbedding.InverseFrequencies(model.Config.HeadWidth, model.Config.RopeTheta, model.Config.RopeScaling),
            device: model.TorchDevice);
}
