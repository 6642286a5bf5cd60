using System.ComponentModel.DataAnnotations;

namespace HyperDas.Engine.Ravel;

/// <summary>How examples are tokenised.</summary>
public sealed record RavelCollatorOptions
{
    /// <summary>How texts become token ids.</summary>
    public RavelTokenization Tokenization { get; init; } = RavelTokenization.Separate;

    /// <summary>
    /// Tokens that base prompt with label, and source prompt, may have, the tokenizer's prefix included. The original's is 50, which cuts
    /// off labels (docs/methods.md#tokens-and-what-is-visible).
    /// </summary>
    [Range(2, int.MaxValue)]
    public int MaxTokens { get; init; } = RavelBuildOptions.DefaultMaxTokens;

    /// <summary>Whether base tokens after the entity may be read and edited too.</summary>
    public bool BaseSuffixVisible { get; init; }

    /// <summary>Whether source tokens after the entity may be read and patched in too.</summary>
    public bool SourceSuffixVisible { get; init; }

    /// <summary>
    /// Which tokens <see cref="TokenizedExample.BaseEntityIndex"/> and <see cref="TokenizedExample.SourceEntityIndex"/>
    /// mean; all up to them are visible.
    /// </summary>
    public FixedPosition Position { get; init; }
}
