namespace HyperDas;

/// <summary>Where a method with a fixed position patches, and where the new value comes from.</summary>
public enum FixedPosition
{
    /// <summary>The entities' last tokens: RAVEL's choice for early and middle layers.</summary>
    EntityLastToken,

    /// <summary>
    /// The prompts' last tokens, from which the answer is read: RAVEL's choice for late layers. Entities need not be known in this case.
    /// </summary>
    PromptLastToken,
}
