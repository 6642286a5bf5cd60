using System.Text.Json;

namespace HyperDas.Engine.Checkpoints.Families;

/// <summary>SmolLM 3: Llama in which some blocks have no rotary embedding.</summary>
internal sealed class SmolLm3Family : LlamaLikeFamily
{
    /// <inheritdoc/>
    public override string Type => "smollm3";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Architectures => ["SmolLM3ForCausalLM", "SmolLM3Model"];

    /// <inheritdoc/>
    protected override bool TiedByDefault => true;

    /// <inheritdoc/>
    protected override int DefaultPositions => 32768;

    /// <inheritdoc/>
    protected override double DefaultTheta => 2000000;

    /// <inheritdoc/>
    protected override BlockSpec Block(ConfigReader config, ModelConfig sizes)
    {
        bool biases = config.Flag("attention_bias");
        return new BlockSpec
        {
            Activation = config.Activation("hidden_act", "silu"),
            QueryKeyValueBias = biases,
            OutputBias = biases,
            FeedForwardBias = config.Flag("mlp_bias"),
        };
    }

    /// <inheritdoc/>
    protected override ModelConfig Differ(ConfigReader config, ModelConfig read)
    {
        bool[] rotates = Rotates(config, read.BlockCount);
        bool windows = config.Flag("use_sliding_window");
        int? window = config.Find("sliding_window") is null ? null : config.Size("sliding_window");
        ModelConfig slid = WithWindows(config, read, windows ? window : null, block => !rotates[block]);
        return rotates.All(r => r) ? slid : slid with
        {
            Blocks = [.. rotates.Select((r, i) => slid.BlockAt(i) with { Rotary = r ? RotaryUse.Main : RotaryUse.None })],
        };
    }

    private static bool[] Rotates(ConfigReader config, int blocks)
    {
        if (config.Find("no_rope_layers") is not { } list)
        {
            int interval = config.Size("no_rope_layer_interval", 4);
            return [.. Enumerable.Range(1, blocks).Select(i => i % interval != 0)];
        }
        return list.ValueKind == JsonValueKind.Array && list.GetArrayLength() == blocks
            && list.EnumerateArray().All(v => v.ValueKind == JsonValueKind.Number && v.TryGetInt32(out int flag) && flag is 0 or 1)
                ? [.. list.EnumerateArray().Select(v => v.GetInt32() == 1)]
                : throw config.Invalid("no_rope_layers", list.GetRawText(), $"it must be 1 (rotates) or 0 for each of {blocks} blocks");
    }
}
