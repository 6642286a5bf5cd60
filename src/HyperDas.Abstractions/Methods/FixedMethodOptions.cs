using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace HyperDas;

/// <summary>
/// What an interpreter of a method with a fixed position consists of: it patches the source's last entity token into the base's last
/// entity token, in one subspace for each concept that it was trained on (docs/methods.md#methods-with-a-fixed-position).
/// Part of an interpreter's file.
/// </summary>
public abstract record FixedMethodOptions
{
    /// <summary>
    /// Intervention layer ℓ: Hugging Face <c>hidden_states[ℓ]</c>, 0 to L. RAVEL's and the original MDAS's "layer l" is ℓ = l + 1 here.
    /// </summary>
    [Range(0, int.MaxValue)]
    public required int Layer { get; init; }

    /// <summary>The method.</summary>
    [JsonIgnore]
    public abstract InterpreterMethod Method { get; }
}
