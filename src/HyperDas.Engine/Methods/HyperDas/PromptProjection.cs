using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels.Layers;
using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.HyperDas;

/// <summary>
/// Keys and values of one prompt's hidden states, for the cross-attentions of all blocks in one matrix product. Only visible tokens are
/// included; entry (token t, layer l) has position t · levels + l + 1, its rank among the visible entries (docs/methods.md#blocks).
/// </summary>
internal sealed class PromptProjection
{
    private readonly HypernetworkShape _shape;
    private readonly int _blocks;
    private readonly Projection[] _keysAndValues;

    /// <param name="store">Store of its parameters.</param>
    /// <param name="shape">Widths.</param>
    /// <param name="blocks">M.</param>
    /// <param name="attention"><c>source_cross_attn</c> or <c>base_cross_attn</c>.</param>
    /// <param name="start">Initial values.</param>
    /// <param name="layers">Creates the linear layers.</param>
    public PromptProjection(
        ParameterStore store, HypernetworkShape shape, int blocks, string attention, StartingWeights start, ProjectionBuilder layers)
    {
        _shape = shape;
        _blocks = blocks;
        long[] size = [shape.KeyWidth, shape.Hidden];
        ProjectionPart[] Parts(int m)
        {
            string name = $"hypernetwork.model.layers.{m}.{attention}";
            return [new($"{name}.k_proj.weight", WeightRole.Key, size), new($"{name}.v_proj.weight", WeightRole.Value, size)];
        }

        // Fully trained projections are one matrix for all blocks; the target's own are separate.
        _keysAndValues = layers.Adapts
            ? [.. Enumerable.Range(0, blocks).Select(m => layers.Build(m, $"hypernetwork.model.layers.{m}.{attention}.kv_proj", Parts(m)))]
            : [new WholeProjection(store.Add(
                ParameterGroup.Main,
                [.. Enumerable.Range(0, blocks).SelectMany(m => Parts(m).Select(p => (p.Name, start.Of(p.Role, m, p.Size))))]))];
    }

    /// <param name="stack">The prompt's hidden states.</param>
    /// <param name="inverseFrequencies">Rotary speeds, <c>[headWidth / 2]</c>.</param>
    /// <returns>Keys and values per block. The tensors belong to the caller's dispose scope.</returns>
    public KeysAndValues[] Project(TokenStack stack, Tensor inverseFrequencies)
    {
        using DisposeScope scope = NewDisposeScope();
        long batch = stack.Unit.shape[0], layers = stack.Unit.shape[2], entries = stack.Unit.shape[1] * layers;
        int groups = _shape.Groups, width = _shape.HeadWidth;
        Tensor states = stack.Unit.view(batch, entries, _shape.Hidden);
        Tensor all = _keysAndValues.Length == 1
            ? _keysAndValues[0].Apply(states)
            : cat([.. _keysAndValues.Select(p => p.Apply(states))], -1);
        // [batch, entries, blocks, key or value, groups, headWidth] → blocks first, so that each block's slice is a view.
        all = all.view(batch, entries, _blocks, 2, groups, width).permute(2, 3, 0, 4, 1, 5);
        using Tensor positions = arange(1, entries + 1, ScalarType.Int64, stack.Unit.device);
        RotaryTable table = RotaryEmbedding.Table(positions, inverseFrequencies, ScalarType.Float32);
        Tensor[] halves = all.unbind(1);
        Tensor[] keys = RotaryEmbedding.Apply(halves[0], table).unbind(0), values = halves[1].unbind(0);
        Tensor hidden = stack.Visible.unsqueeze(-1).expand(batch, -1, layers).reshape(batch, 1, 1, entries).logical_not();
        Tensor mask = hidden.to_type(ScalarType.Float32).mul_(HiddenScore).MoveToOuterDisposeScope();
        return
        [
            .. Enumerable.Range(0, _blocks).Select(m => new KeysAndValues(
                keys[m].MoveToOuterDisposeScope(), values[m].MoveToOuterDisposeScope(), mask)),
        ];
    }

    /// <summary>Added to masked scores: far below any score, yet finite, which keeps a row without visible entries finite.</summary>
    public const double HiddenScore = -1e30;
}
