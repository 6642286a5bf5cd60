namespace HyperDas;

/// <summary>Where a method with a fixed position patches, and where its new value comes from.</summary>
public enum FixedPosition
{
    /// <summary>The entities' last tokens: RAVEL's choice for early and middle layers.</summary>
    EntityLastToken,

    /// <summary>
    /// The prompts' last tokens, which the answer is read from: RAVEL's choice for late layers. Entities needn't be known then.
    /// </summary>
    PromptLastToken,
}
