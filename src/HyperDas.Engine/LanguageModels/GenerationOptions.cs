namespace HyperDas.Engine.LanguageModels;

/// <summary>How a text is continued.</summary>
public sealed record GenerationOptions
{
    /// <summary>Most tokens that are added to a prompt; at least 1.</summary>
    public int MaxNewTokens { get; init; } = 16;

    /// <summary>0: always the likeliest token; above: logits are divided by it and sampled.</summary>
    public double Temperature { get; init; }

    /// <summary>Sample only among this many likeliest tokens; null: among all.</summary>
    public int? TopK { get; init; }

    /// <summary>Sample only among the likeliest tokens that together have this probability, above 0, up to 1.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Seed of the sampling.</summary>
    public long Seed { get; init; }

    /// <summary>Whether a text ends at the model's end-of-text tokens.</summary>
    public bool StopAtEos { get; init; } = true;

    /// <summary>A text also ends as soon as its new part contains one of these; needs the model's tokenizer.</summary>
    public IReadOnlyList<string> StopTexts { get; init; } = [];

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="HyperDasException"><c>GenerationOptionInvalid</c>.</exception>
    internal void ThrowIfImpossible()
    {
        Require(MaxNewTokens >= 1, nameof(MaxNewTokens), MaxNewTokens, "at least 1");
        Require(Temperature >= 0 && double.IsFinite(Temperature), nameof(Temperature), Temperature, "0 or greater");
        Require(TopK is null or >= 1, nameof(TopK), TopK, "at least 1");
        Require(TopP is > 0 and <= 1, nameof(TopP), TopP, "above 0 and at most 1");
        Require(StopTexts.All(t => t.Length > 0), nameof(StopTexts), "empty", "texts of at least one character");
    }

    private static void Require(bool holds, string name, object? value, string right)
    {
        if (!holds)
        {
            throw new HyperDasException("GenerationOptionInvalid", HyperDasErrorKind.InvalidArgument, $"{name} is {value}; it must be {right}.", value);
        }
    }
}
