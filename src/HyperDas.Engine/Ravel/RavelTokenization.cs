namespace HyperDas.Engine.Ravel;

/// <summary>How an example's texts become token ids.</summary>
public enum RavelTokenization
{
    /// <summary>Prompt and label separately, the entity's end from character offsets; nothing is cut off.</summary>
    Separate,

    /// <summary>
    /// As the original (docs/methods.md#tokens-and-what-is-visible): prompt and label in one piece, cut off on the right at the length
    /// limit, the suffix's tokens counted out of context. Examples that lose their whole label this way still are to be left out.
    /// </summary>
    Original,
}
