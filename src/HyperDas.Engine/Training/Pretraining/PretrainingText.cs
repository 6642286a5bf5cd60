namespace HyperDas.Engine.Training.Pretraining;

/// <summary>
/// One tokenised text of the pretraining corpus: the tokenizer's prefix, a prompt that mentions an entity, and optionally its value.
/// </summary>
/// <param name="Ids">Token ids; the last one is the end-of-sequence token if there is a value.</param>
/// <param name="EntityStart">Index of the entity's first token.</param>
/// <param name="EntityEnd">Index of the entity's last token: the one that interventions patch.</param>
/// <param name="ValueStart">Index of the value's first token; the number of tokens if no value follows.</param>
/// <param name="Mention">The entity and attribute of the text.</param>
internal sealed record PretrainingText(int[] Ids, int EntityStart, int EntityEnd, int ValueStart, Mention Mention)
{
    /// <summary>Whether the text ends with a value, which the model must learn.</summary>
    public bool HasValue => ValueStart < Ids.Length;
}

/// <summary>The entity of a text and, if it asks for something, the attribute.</summary>
/// <param name="Domain">The entity's domain.</param>
/// <param name="Entity">The entity.</param>
/// <param name="Attribute">Index of the attribute among the domain's; −1 if nothing is asked.</param>
/// <param name="Prompt">The prompt, which determines the value's spacing.</param>
internal sealed record Mention(RavelDomain Domain, RavelEntity Entity, int Attribute, string Prompt);
