using System.ComponentModel.DataAnnotations;

namespace HyperDas.Engine.Ravel;

/// <summary>Tokenisation options.</summary>
public sealed record RavelCollatorOptions
{
    /// <summary>How texts are converted to token ids.</summary>
    public RavelTokenization Tokenization { get; init; } = RavelTokenization.Separate;

    /// <summary>
    /// Maximum number of tokens of the base prompt with label, and of the source prompt, including the tokenizer's prefix. The original's
    /// is 50, which truncates labels (docs/methods.md#tokens-and-what-is-visible).
    /// </summary>
    [Range(2, int.MaxValue)]
    public int MaxTokens { get; init; } = RavelDatasetOptions.DefaultMaxTokens;

    /// <summary>Whether base tokens after the entity can also be read and edited.</summary>
    public bool BaseSuffixVisible { get; init; }

    /// <summary>Whether source tokens after the entity can also be read and patched in.</summary>
    public bool SourceSuffixVisible { get; init; }

    /// <summary>
    /// The tokens of <see cref="TokenizedExample.BaseEntityIndex"/> and <see cref="TokenizedExample.SourceEntityIndex"/>; all tokens up to
    /// them are visible.
    /// </summary>
    public FixedPosition Position { get; init; }
}
