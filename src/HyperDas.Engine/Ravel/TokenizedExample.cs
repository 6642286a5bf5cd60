namespace HyperDas.Engine.Ravel;

/// <summary>
/// An interchange example as token ids, without padding. Prompt and label are tokenised separately and joined, so that a label can't
/// melt into the prompt's last token (docs/methods.md#tokens-and-what-is-visible).
/// </summary>
public sealed record TokenizedExample
{
    /// <summary>The tokenizer's prefix (beginning-of-sequence or nothing), base prompt, label.</summary>
    public required int[] BaseIds { get; init; }

    /// <summary>Tokens of <see cref="BaseIds"/> before the label.</summary>
    public required int PromptLength { get; init; }

    /// <summary>
    /// Base tokens 0 … this − 1 may be read and edited: by default up to the entity's last token
    /// (docs/methods.md#tokens-and-what-is-visible). Of a decoy, only those up to the entity are edited.
    /// </summary>
    public required int BaseVisible { get; init; }

    /// <summary>
    /// What the interpreter is shown of the base when that isn't <see cref="BaseIds"/> itself: the same tokens up to the entity, then
    /// another ending, so that it can't learn to answer by reading the question. Null for the prompt's own tokens.
    /// </summary>
    public int[]? BaseDecoyIds { get; init; }

    /// <summary>Whether the interpreter is shown zeros instead of the hidden states of all base tokens but the entity's last.</summary>
    public bool BaseEntityOnly { get; init; }

    /// <summary>The base tokens that the interpreter reads.</summary>
    public int[] BaseShown => (BaseDecoyIds ?? BaseIds)[..BaseVisible];

    /// <summary>The prefix and the source prompt.</summary>
    public required int[] SourceIds { get; init; }

    /// <summary>Source tokens 0 … this − 1 may be read and patched in.</summary>
    public required int SourceVisible { get; init; }

    /// <summary>The prefix and the text that names the concept.</summary>
    public required int[] InstructionIds { get; init; }

    /// <summary>The concept to patch; null where only the instruction says it, as for free text.</summary>
    public ConceptKey? Concept { get; init; }

    /// <summary>Whether the instruction names something that the domain doesn't have.</summary>
    public bool IsAbsent { get; init; }

    /// <summary>What the example counts in the prediction loss beside the weight of its kind.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Whether the answer must change.</summary>
    public required bool IsCause { get; init; }

    /// <summary>
    /// Index in <see cref="BaseIds"/> of the token that a fixed position means: the entity's last, unless the collator says the prompt's.
    /// </summary>
    public required int BaseEntityIndex { get; init; }

    /// <summary>The same in <see cref="SourceIds"/>.</summary>
    public required int SourceEntityIndex { get; init; }

    /// <summary>Number of label tokens; 0 for prompts that are only intervened on.</summary>
    public int LabelLength => BaseIds.Length - PromptLength;
}
