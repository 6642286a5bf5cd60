using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace HyperDas;

/// <summary>
/// DAS: an orthonormal rank-k basis R for each concept, o = b + R Rᵀ (s − b), from cause examples (docs/methods.md#das-and-mdas).
/// </summary>
public record DasOptions : FixedMethodOptions
{
    /// <summary>
    /// Feature dimension k, 1 to d; d is a full swap. RAVEL uses 72 or 144 of Gemma-2-2B's 2304, HyperDAS's baseline 128 of Llama-3-8B's
    /// 4096.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int FeatureDimension { get; init; } = 24;

    /// <inheritdoc/>
    [JsonIgnore]
    public override InterpreterMethod Method => InterpreterMethod.Das;
}

/// <summary>MDAS: like DAS, but from cause and isolate examples with one loss (docs/methods.md#das-and-mdas).</summary>
public sealed record MdasOptions : DasOptions
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override InterpreterMethod Method => InterpreterMethod.Mdas;
}
