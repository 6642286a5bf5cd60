using System.ComponentModel.DataAnnotations;

namespace HyperDas.Engine.LanguageModels;

/// <summary>How a text is continued.</summary>
public sealed record GenerationOptions : IRelatedOptions
{
    /// <summary>Maximum number of new tokens; at least 1.</summary>
    [Range(1, int.MaxValue)]
    public int MaxNewTokens { get; init; } = 16;

    /// <summary>0 always selects the most likely token; above 0, logits are divided by it before sampling.</summary>
    [Range(0.0, double.MaxValue)]
    public double Temperature { get; init; }

    /// <summary>Sample only among this many most likely tokens; null for all.</summary>
    [Range(1, int.MaxValue)]
    public int? TopK { get; init; }

    /// <summary>Sample only among the most likely tokens that together have this probability, above 0, up to 1.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double TopP { get; init; } = 1;

    /// <summary>Seed of the sampling.</summary>
    public long Seed { get; init; }

    /// <summary>Whether a text ends at the model's end-of-text tokens.</summary>
    public bool StopAtEos { get; init; } = true;

    /// <summary>The text also ends when its new part contains one of these; requires the model's tokenizer.</summary>
    public IReadOnlyList<string> StopTexts { get; init; } = [];

    /// <inheritdoc/>
    public IEnumerable<OptionFault> Relations()
    {
        if (StopTexts.Any(text => text.Length == 0))
        {
            yield return new OptionFault(nameof(StopTexts), "empty", "texts of at least one character");
        }
    }
}
