using System.Text.Json;

namespace HyperDas.Engine.Checkpoints.Families;

/// <summary>
/// Gemma 3, text alone: Gemma 2 with norms of query and key heads instead of caps; blocks with a window have a rotary base of their own.
/// </summary>
internal sealed class Gemma3TextFamily : LlamaLikeFamily
{
    private const double DefaultLocalTheta = 10000;

    /// <inheritdoc/>
    public override string Type => "gemma3_text";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Architectures => ["Gemma3ForCausalLM", "Gemma3TextModel"];

    /// <inheritdoc/>
    protected override bool TiedByDefault => true;

    /// <inheritdoc/>
    protected override int DefaultPositions => 131072;

    /// <inheritdoc/>
    protected override int? DefaultHeadWidth => 256;

    /// <inheritdoc/>
    protected override double DefaultTheta => 1000000;

    /// <inheritdoc/>
    protected override BlockSpec Block(ConfigReader config, ModelConfig sizes)
    {
        if (config.Cap("attn_logit_softcapping") is { } cap)
        {
            config.Remarks.Add(
                $"config.json says attn_logit_softcapping {cap}; the scores of Gemma 3 have no cap, in transformers neither, so it isn't applied.");
        }
        return Gemma2Family.GemmaBlock(config) with { HeadNorm = HeadNorm.EachHead };
    }

    // Newer files have one object for each kind of block.
    /// <inheritdoc/>
    protected override ModelConfig Rotary(ConfigReader config, ModelConfig sizes)
    {
        if (config.Find("rope_parameters") is not { ValueKind: JsonValueKind.Object } both
            || ConfigReader.Find(both, "full_attention") is not { } full)
        {
            double local = config.Number("rope_local_base_freq", DefaultLocalTheta, v => v is > 1 and <= 1e12, "between 1 and 1e12");
            return base.Rotary(config, sizes) with { LocalRopeTheta = local };
        }
        Rope Read(JsonElement rope, string name, double theta) => rope.ValueKind == JsonValueKind.Object
            ? RopeReader.ReadObject(config, rope, $"rope_parameters.{name}.", _ => sizes.HeadWidth, theta, 1, sizes.MaxPositions)
            : throw config.Invalid($"rope_parameters.{name}", rope.GetRawText(), "it must be an object");
        Rope far = Read(full, "full_attention", DefaultTheta);
        Rope near = ConfigReader.Find(both, "sliding_attention") is { } sliding
            ? Read(sliding, "sliding_attention", DefaultLocalTheta) : new Rope(DefaultLocalTheta, null, 1);
        if (near.Scaling is not null || near.Share != 1 || far.Share != 1)
        {
            throw config.Unsupported("rope_parameters", "scaled for blocks with a window, or of a part of the head",
                "only the blocks without a window may be scaled");
        }
        return sizes with { RopeTheta = far.Theta, RopeScaling = far.Scaling, LocalRopeTheta = near.Theta };
    }

    /// <inheritdoc/>
    protected override ModelConfig Differ(ConfigReader config, ModelConfig read)
    {
        if (config.Flag("use_bidirectional_attention"))
        {
            throw config.Unsupported("use_bidirectional_attention", "true", "only causal attention is supported");
        }
        int period = config.Size("sliding_window_pattern", config.Size("_sliding_window_pattern", 6));
        return WithWindows(
            config, read, config.Size("sliding_window", 4096), block => (block + 1) % period != 0,
            spec => spec with { Rotary = RotaryUse.Local }) with
        {
            EmbeddingScale = Math.Sqrt(read.HiddenSize),
            LogitCap = config.Cap("final_logit_softcapping"),
        };
    }
}
