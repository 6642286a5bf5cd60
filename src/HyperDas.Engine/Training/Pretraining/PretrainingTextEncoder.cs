using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tokenization;

namespace HyperDas.Engine.Training.Pretraining;

/// <summary>Turns (template, entity, value) into token ids by the same rule as the benchmark's examples.</summary>
/// <param name="tokenizer">The tokenizer that the model will be saved with.</param>
internal sealed class PretrainingTextEncoder(Tokenizer tokenizer)
{
    /// <summary>The place for the entity in a template.</summary>
    public const string Slot = "%s";

    /// <summary>Tokens of a template filled with an entity, and of a value after it.</summary>
    /// <param name="template">A text with one <see cref="Slot"/>.</param>
    /// <param name="entity">What fills it.</param>
    /// <param name="value">The answer, or null where the text asks for nothing.</param>
    public PretrainingText Encode(string template, string entity, string? value)
    {
        int start = template.IndexOf(Slot, StringComparison.Ordinal), end = start + entity.Length;
        string prompt = string.Concat(template.AsSpan(0, start), entity, template.AsSpan(start + Slot.Length));
        List<int> ids = [tokenizer.BosId];
        (int first, int last) = (0, 0);
        foreach (TokenSpan span in tokenizer.EncodeWithOffsets(prompt))
        {
            if (span.Start < end && span.End > start)
            {
                first = first == 0 ? ids.Count : first;
                last = ids.Count;
            }
            ids.Add(span.Id);
        }
        int valueStart = ids.Count;
        if (value is not null)
        {
            ids.AddRange(tokenizer.Encode(PromptTokenizer.Continuation(prompt, value)));
            ids.Add(tokenizer.EosId);
        }
        return new PretrainingText([.. ids], first, last, valueStart);
    }
}
