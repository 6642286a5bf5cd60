using System.ComponentModel.DataAnnotations;

namespace HyperDas.Engine.LanguageModels;

/// <summary>How a text is continued.</summary>
public sealed record GenerationOptions : IRelatedOptions
{
    /// <summary>Most tokens that are added to a prompt; at least 1.</summary>
    [Range(1, int.MaxValue)]
    public int MaxNewTokens { get; init; } = 16;

    /// <summary>0: always the likeliest token; above: logits are divided by it and sampled.</summary>
    [Range(0.0, double.MaxValue)]
    public double Temperature { get; init; }

    /// <summary>Sample only among this many likeliest tokens; null: among all.</summary>
    [Range(1, int.MaxValue)]
    public int? TopK { get; init; }

    /// <summary>Sample only among the likeliest tokens that together have this probability, above 0, up to 1.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double TopP { get; init; } = 1;

    /// <summary>Seed of the sampling.</summary>
    public long Seed { get; init; }

    /// <summary>Whether a text ends at the model's end-of-text tokens.</summary>
    public bool StopAtEos { get; init; } = true;

    /// <summary>A text also ends as soon as its new part contains one of these; needs the model's tokenizer.</summary>
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
