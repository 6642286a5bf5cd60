using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tokenization;

namespace HyperDas.Engine.Training.Pretraining;

/// <summary>Tokenises (template, entity, value) by the same rule as the benchmark's examples.</summary>
/// <param name="tokenizer">The tokenizer that the model will be saved with.</param>
internal sealed class PretrainingTextEncoder(Tokenizer tokenizer)
{
    /// <summary>The placeholder for the entity in a template.</summary>
    public const string Slot = "%s";

    // Domain of defined words.
    private static readonly RavelDomain s_dictionary = new("dictionary", "", [], [], [], []);
    private static readonly Dictionary<string, string> s_noValues = [];

    /// <summary>Tokens of a template filled with an entity, and of a value after it.</summary>
    /// <param name="template">A text with one <see cref="Slot"/>.</param>
    /// <param name="domain">The entity's domain.</param>
    /// <param name="about">The entity.</param>
    /// <param name="attribute">Index of the attribute whose value follows; −1 if the text asks for nothing.</param>
    public PretrainingText Encode(string template, RavelDomain domain, RavelEntity about, int attribute)
    {
        PretrainingText text = Prompt(template, domain, about, attribute);
        return attribute < 0 ? text : WithValueOf(text, about);
    }

    /// <summary>
    /// Tokens of a sentence that explains a word: learned like a value, but without a fact, so nothing is ever swapped in it.
    /// </summary>
    /// <param name="template">A text with one <see cref="Slot"/> for the word.</param>
    /// <param name="word">The word.</param>
    /// <param name="meaning">The meaning, which follows.</param>
    public PretrainingText Define(string template, string word, string meaning)
    {
        PretrainingText text = Prompt(template, s_dictionary, new RavelEntity(word, RavelSplit.Train, s_noValues), attribute: -1);
        return text with
        {
            Ids =
                [.. text.Ids, .. tokenizer.EncodeContinuation(PromptTokenizer.Continuation(text.Mention.Prompt, meaning)), tokenizer.EosId]
        };
    }

    private PretrainingText Prompt(string template, RavelDomain domain, RavelEntity about, int attribute)
    {
        string entity = about.Name;
        int start = template.IndexOf(Slot, StringComparison.Ordinal), end = start + entity.Length;
        string prompt = string.Concat(template.AsSpan(0, start), entity, template.AsSpan(start + Slot.Length));
        List<int> ids = [.. tokenizer.Prefix.Ids];
        (int? first, int last) = ((int?)null, 0);
        foreach (TokenSpan span in tokenizer.EncodeWithOffsets(prompt))
        {
            if (span.Start < end && span.End > start)
            {
                first ??= ids.Count;
                last = ids.Count;
            }
            ids.Add(span.Id);
        }
        return new PretrainingText([.. ids], first ?? last, last, ids.Count, new Mention(domain, about, attribute, prompt));
    }

    /// <summary>The same prompt, answered with another entity's value.</summary>
    /// <param name="text">A text that asks for an attribute.</param>
    /// <param name="entity">An entity with a value for it.</param>
    public PretrainingText WithValueOf(PretrainingText text, RavelEntity entity)
    {
        Mention mention = text.Mention;
        string value = entity.Values[mention.Domain.Attributes[mention.Attribute]];
        return text with
        {
            Ids =
            [
                .. text.Ids.AsSpan(0, text.ValueStart),
                .. tokenizer.EncodeContinuation(PromptTokenizer.Continuation(mention.Prompt, value)), tokenizer.EosId
            ],
        };
    }
}
