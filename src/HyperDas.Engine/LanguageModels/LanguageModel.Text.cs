using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Tokenization;

namespace HyperDas.Engine.LanguageModels;

/// <content>Text settings in the files beside the weights.</content>
public sealed partial class LanguageModel
{
    private const double LeastKnownShare = 0.9;

    private IReadOnlyList<int>? _endTokenIds;

    /// <summary>
    /// Tokens that end a text: those specified in <c>config.json</c>, <c>generation_config.json</c> and the tokenizer, taken together. Each
    /// file may specify one that the others lack.
    /// </summary>
    /// <exception cref="HyperDasException"><c>ModelConfigInvalid</c>.</exception>
    public IReadOnlyList<int> EndTokenIds =>
        _endTokenIds ??= [.. Config.EosTokenIds.Concat(GenerationConfig.EndTokens(Path)).Concat(TokenizerEnd())
            .Where(id => id < VocabularySize).Distinct()];

    /// <summary>Warnings about the model's text settings, in sentences; empty if there are none.</summary>
    public IReadOnlyList<string> TextWarnings()
    {
        List<string> warnings = [];
        try
        {
            if (_tokenizer.IsValueCreated || Tokenizer.Exists(Path))
            {
                warnings.AddRange(Tokenizer.Warnings);
                // Embedding tables are often slightly larger than needed.
                if (Tokenizer.TokensBelow(VocabularySize) is int known && known < LeastKnownShare * VocabularySize)
                {
                    warnings.Add(
                        $"The tokenizer has only {known} of the {VocabularySize} tokens of '{Name}', so it probably belongs to another model. The other tokens have no text in answers.");
                }
                if (Tokenizer.HasEos && Tokenizer.EosId >= VocabularySize)
                {
                    warnings.Add(
                        $"The tokenizer's end-of-sequence token {Tokenizer.TokenText(Tokenizer.EosId)} has the id {Tokenizer.EosId}; '{Name}' has only {VocabularySize} tokens and can't generate it.");
                }
                if (Tokenizer.HasChatTemplate && Tokenizer.Chat is null)
                {
                    warnings.Add(
                        $"'{Name}' has a chat template, so it was trained on conversations. Prompts are used without the template; -ChatTemplate (target.chatTemplate in YAML) applies it.");
                }
                if (Tokenizer.Chat is { AsksForDate: true })
                {
                    warnings.Add(
                        $"The chat template of '{Name}' puts the current date into every prompt. Its default date for programs without a calendar is used instead, so results stay the same.");
                }
            }
        }
        catch (HyperDasException error)
        {
            warnings.Add($"{error.Message} '{Name}' can be used, but not for anything that needs text.");
        }
        if (EndTokenIds.Count == 0)
        {
            warnings.Add(
                $"No file of '{Name}' specifies an end-of-text token (eos_token_id, eos_token), so answers always have the maximum length.");
        }
        return warnings;
    }

    // A tokenizer's own end token has a warning of its own, beside that about its other tokens.
    private string? EndRemark()
    {
        try
        {
            int[] unmet = [.. Config.EosTokenIds.Concat(GenerationConfig.EndTokens(Path)).Where(id => id >= VocabularySize).Distinct()];
            return unmet.Length == 0 ? null
                : $"eos_token_id of '{Name}' ({ModelConfig.FileName} or {GenerationConfig.FileName}) includes {string.Join(", ", unmet)}; the model has only the tokens 0 to {VocabularySize - 1}, so no answer ends with {(unmet.Length == 1 ? "it" : "them")}.";
        }
        catch (HyperDasException)
        {
            // The caller that needs the end tokens gets the error.
            return null;
        }
    }

    private IEnumerable<int> TokenizerEnd()
    {
        try
        {
            return (_tokenizer.IsValueCreated || Tokenizer.Exists(Path)) && Tokenizer.HasEos ? [Tokenizer.EosId] : [];
        }
        catch (HyperDasException)
        {
            // The caller that needs the tokenizer gets the error.
            return [];
        }
    }
}
