namespace HyperDas.Engine.Checkpoints.Families;

/// <summary>Qwen 2 and 2.5: Llama with biases of queries, keys and values; later blocks may have a window.</summary>
internal sealed class Qwen2Family : LlamaLikeFamily
{
    /// <inheritdoc/>
    public override string Type => "qwen2";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Architectures => ["Qwen2ForCausalLM", "Qwen2Model"];

    /// <inheritdoc/>
    protected override int DefaultPositions => 32768;

    /// <inheritdoc/>
    protected override BlockSpec Block(ConfigReader config, ModelConfig sizes) =>
        new() { Activation = config.Activation("hidden_act", "silu"), QueryKeyValueBias = true };

    /// <inheritdoc/>
    protected override ModelConfig Differ(ConfigReader config, ModelConfig read) => WithLaterWindows(config, read);

    /// <summary>Windows as Qwen's files give them: from block <c>max_window_layers</c> on, if <c>use_sliding_window</c>.</summary>
    /// <param name="config">The file.</param>
    /// <param name="read">What was read so far.</param>
    internal static ModelConfig WithLaterWindows(ConfigReader config, ModelConfig read)
    {
        bool windows = config.Flag("use_sliding_window");
        int? window = config.Has("sliding_window") && config.Find("sliding_window") is null ? null : config.Size("sliding_window", 4096);
        int first = (int)config.Number(
            "max_window_layers", 28, v => v is >= 0 and <= 1e6 && v == Math.Floor(v), "a whole number of at least 0");
        return WithWindows(config, read, windows ? window : null, block => block >= first);
    }
}
