namespace HyperDas.Engine.Ravel;

/// <summary>How an example's texts are converted to token ids.</summary>
public enum RavelTokenization
{
    /// <summary>Prompt and label separately, the entity's end from character offsets; nothing is truncated.</summary>
    Separate,

    /// <summary>
    /// As in the original (docs/methods.md#tokens-and-what-is-visible): prompt and label in one piece, truncated on the right at the length
    /// limit, the suffix's tokens counted out of context. Examples that lose their whole label this way must still be omitted.
    /// </summary>
    Original,
}
