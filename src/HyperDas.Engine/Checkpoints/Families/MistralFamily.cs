namespace HyperDas.Engine.Checkpoints.Families;

/// <summary>Mistral: Llama, in the first version with a window in every block.</summary>
internal sealed class MistralFamily : LlamaLikeFamily
{
    private const int DefaultWindow = 4096;

    /// <inheritdoc/>
    public override string Type => "mistral";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Architectures => ["MistralForCausalLM", "MistralModel"];

    /// <inheritdoc/>
    protected override int DefaultPositions => 131072;

    /// <inheritdoc/>
    protected override BlockSpec Block(ConfigReader config, ModelConfig sizes) => new()
    {
        Activation = config.Activation("hidden_act", "silu"),
        // Files since version 0.2 have null; those without the key are older.
        Window = config.Find("sliding_window") is null && config.Has("sliding_window")
            ? null
            : config.Size("sliding_window", DefaultWindow),
    };
}
