namespace HyperDas.Engine.Ravel;

/// <summary>
/// An interchange example as token ids, without padding. Prompt and label are tokenised separately and joined: a label can't merge with the
/// prompt's last token (docs/methods.md#tokens-and-what-is-visible).
/// </summary>
public sealed record TokenizedExample
{
    /// <summary>The tokenizer's prefix (beginning-of-sequence or nothing), base prompt, label.</summary>
    public required int[] BaseIds { get; init; }

    /// <summary>Tokens of <see cref="BaseIds"/> before the label.</summary>
    public required int PromptLength { get; init; }

    /// <summary>
    /// Base tokens 0 … this − 1 can be read and edited: by default up to the entity's last token
    /// (docs/methods.md#tokens-and-what-is-visible). In a decoy, only those up to the entity are edited.
    /// </summary>
    public required int BaseVisible { get; init; }

    /// <summary>
    /// The base tokens that the interpreter reads when they aren't <see cref="BaseIds"/>: the same tokens up to the entity, then another
    /// suffix, which prevents it from learning to answer by reading the question. Null for the prompt's own tokens.
    /// </summary>
    public int[]? BaseDecoyIds { get; init; }

    /// <summary>Whether the interpreter reads zeros instead of the hidden states of all base tokens except the entity's last.</summary>
    public bool BaseEntityOnly { get; init; }

    /// <summary>The base tokens that the interpreter reads.</summary>
    public int[] BaseShown => (BaseDecoyIds ?? BaseIds)[..BaseVisible];

    /// <summary>The prefix and the source prompt.</summary>
    public required int[] SourceIds { get; init; }

    /// <summary>Source tokens 0 … this − 1 can be read and patched in.</summary>
    public required int SourceVisible { get; init; }

    /// <summary>The prefix and the text of the concept.</summary>
    public required int[] InstructionIds { get; init; }

    /// <summary>The concept to patch; null where only the instruction names it, as for free text.</summary>
    public ConceptKey? Concept { get; init; }

    /// <summary>Whether the instruction names something that the domain doesn't have.</summary>
    public bool IsAbsent { get; init; }

    /// <summary>Weight of the example in the prediction loss, in addition to that of its kind.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Whether the answer must change.</summary>
    public required bool IsCause { get; init; }

    /// <summary>
    /// Index in <see cref="BaseIds"/> of the fixed position's token: the entity's last, unless the collator's options say the prompt's
    /// last.
    /// </summary>
    public required int BaseEntityIndex { get; init; }

    /// <summary>The same in <see cref="SourceIds"/>.</summary>
    public required int SourceEntityIndex { get; init; }

    /// <summary>Number of label tokens; 0 for prompts of an intervention without a label.</summary>
    public int LabelLength => BaseIds.Length - PromptLength;
}
