namespace HyperDas.Engine.Training.Pretraining;

/// <summary>One tokenised text of the pretraining corpus: beginning-of-sequence, a prompt that mentions an entity, perhaps its value.</summary>
/// <param name="Ids">Token ids; the last one is the end-of-sequence token when there is a value.</param>
/// <param name="EntityStart">Index of the entity's first token.</param>
/// <param name="EntityEnd">Index of the entity's last token: the one that interventions patch.</param>
/// <param name="ValueStart">Index of the value's first token; the number of tokens where no value follows.</param>
internal sealed record PretrainingText(int[] Ids, int EntityStart, int EntityEnd, int ValueStart)
{
    /// <summary>Whether the text ends with a value, which is then what the model must learn.</summary>
    public bool HasValue => ValueStart < Ids.Length;
}
