using System.ComponentModel.DataAnnotations;

namespace HyperDas;

/// <summary>
/// A method that is fitted to hidden vectors of entities, without running the model under interventions. The vectors are those of the last
/// entity token in prompts cut right after it, labelled with the entity's values (docs/methods.md#entity-vectors).
/// </summary>
public abstract record FeatureMethodOptions : FixedMethodOptions
{
    /// <summary>Maximum number of hidden vectors of a domain to fit to; RAVEL's probes use 10,000.</summary>
    [Range(2, int.MaxValue)]
    public int MaxVectors { get; init; } = 10_000;
}
