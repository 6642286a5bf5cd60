using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace HyperDas.Reference;

/// <summary>
/// The hypernetwork over whole padded stacks of every layer (docs/methods.md#blocks), hidden entries included and masked. All tensors
/// belong to the caller's dispose scope.
/// </summary>
/// <param name="model">The target model.</param>
/// <param name="options">What the interpreter consists of.</param>
/// <param name="parameters">Its parameters.</param>
internal sealed class ReferenceHypernetwork(LanguageModel model, HypernetworkOptions options, ReferenceParameters parameters)
{
    private readonly ModelConfig _shape = model.Config;

    /// <summary>The concept vector.</summary>
    /// <param name="batch">The examples.</param>
    /// <param name="source">Unit vectors of the source prompts, <c>[batch, tokens, levels, d]</c>.</param>
    /// <param name="base">Unit vectors of the base prompts, <c>[batch, tokens, levels, d]</c>.</param>
    /// <returns>e, <c>[batch, d]</c>.</returns>
    public Tensor Encode(ReferenceBatch batch, Tensor source, Tensor @base)
    {
        Tensor speeds = ReferenceAttention.Speeds(model);
        Tensor ids = batch.Instruction.Ids, real = batch.Instruction.Real, positions = ReferenceAttention.Ranks(real);
        long length = ids.shape[1];
        Tensor x = parameters["hypernetwork.model.embed_tokens.weight"].index_select(0, ids.view(-1)).view(ids.shape[0], length, -1);
        bool padded = real.min().item<long>() == 0;
        Tensor? visible = options.BidirectionalUnpaddedInstructions && !padded
            ? null
            : ones([length, length], ScalarType.Int64, ids.device).tril().unsqueeze(0) * real.unsqueeze(1);
        (Tensor sourceKeys, Tensor sourceVisible) = Flatten(source, batch.Source.Visible);
        (Tensor baseKeys, Tensor baseVisible) = Flatten(@base, batch.Base.Visible);
        for (int m = 0; m < options.Blocks; m++)
        {
            x = x + SelfAttention(m, x, positions, visible, speeds);
            if (!options.AblateSourceAttention)
            {
                x = x + CrossAttention(m, "source_cross_attn", x, positions, real, sourceKeys, sourceVisible, speeds);
            }
            if (!options.AblateBaseAttention)
            {
                x = x + CrossAttention(m, "base_cross_attn", x, positions, real, baseKeys, baseVisible, speeds);
            }
            x = x + ReferenceAttention.SwiGlu(
                Norm(x, Block(m, "post_attention_layernorm.weight")),
                Block(m, "mlp.gate_proj.weight"), Block(m, "mlp.up_proj.weight"), Block(m, "mlp.down_proj.weight"));
        }
        Tensor encoded = Norm(x, parameters["hypernetwork.model.norm.weight"]);
        Tensor last = (arange(length, ScalarType.Int64, ids.device) * real).argmax(1);
        return encoded.gather(1, last.view(-1, 1, 1).expand(-1, 1, x.shape[2])).squeeze(1);
    }

    private Tensor SelfAttention(int block, Tensor x, Tensor positions, Tensor? visible, Tensor speeds)
    {
        Tensor normed = Norm(x, Block(block, "input_layernorm.weight"));
        Tensor Project(string name) =>
            ReferenceAttention.Heads(functional.linear(normed, Block(block, $"self_attn.{name}.weight")), _shape.HeadWidth);
        Tensor mixed = ReferenceAttention.Attend(
            ReferenceAttention.Rotate(Project("q_proj"), positions, speeds),
            ReferenceAttention.Rotate(Project("k_proj"), positions, speeds),
            Project("v_proj"),
            visible?.unsqueeze(1));
        return functional.linear(mixed, Block(block, "self_attn.o_proj.weight"));
    }

    private Tensor CrossAttention(
        int block, string attention, Tensor x, Tensor positions, Tensor real, Tensor entries, Tensor visible, Tensor speeds)
    {
        Tensor normed = Norm(x, Block(block, $"{attention}_input_layernorm.weight"));
        Tensor Project(Tensor of, string name) =>
            ReferenceAttention.Heads(functional.linear(of, Block(block, $"{attention}.{name}.weight")), _shape.HeadWidth);
        Tensor counts = real.unsqueeze(2) * visible.unsqueeze(1);
        Tensor mixed = ReferenceAttention.Attend(
            ReferenceAttention.Rotate(Project(normed, "q_proj"), positions, speeds),
            ReferenceAttention.Rotate(Project(entries, "k_proj"), ReferenceAttention.Ranks(visible), speeds),
            Project(entries, "v_proj"),
            counts.unsqueeze(1));
        return functional.linear(mixed, Block(block, $"{attention}.o_proj.weight"));
    }

    /// <summary>Token-major, layer-minor: <c>[batch, tokens · levels, d]</c>, and the mask repeated alike.</summary>
    private static (Tensor Entries, Tensor Visible) Flatten(Tensor unit, Tensor visible) =>
        (unit.reshape(unit.shape[0], -1, unit.shape[3]), visible.repeat_interleave(unit.shape[2], 1));

    private Tensor Norm(Tensor x, Tensor weight) => ReferenceAttention.RmsNorm(x, weight, _shape.NormEpsilon);

    private Tensor Block(int index, string name) => parameters[$"hypernetwork.model.layers.{index}.{name}"];
}
