using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Tokenization;

namespace HyperDas.Engine.LanguageModels;

/// <content>What the files beside the weights say about text.</content>
public sealed partial class LanguageModel
{
    private const double LeastKnownShare = 0.9;

    private IReadOnlyList<int>? _endTokenIds;

    /// <summary>
    /// Tokens that end a text: those that <c>config.json</c>, <c>generation_config.json</c> and the tokenizer name, together. Each file may
    /// name one that the others don't.
    /// </summary>
    /// <exception cref="HyperDasException"><c>ModelConfigInvalid</c>.</exception>
    public IReadOnlyList<int> EndTokenIds =>
        _endTokenIds ??= [.. Config.EosTokenIds.Concat(GenerationConfig.EndTokens(Path)).Concat(TokenizerEnd())
            .Where(id => id < VocabularySize).Distinct()];

    /// <summary>What whoever imports the model should know about its text, in sentences; empty when all is as it should be.</summary>
    public IReadOnlyList<string> TextWarnings()
    {
        List<string> warnings = [];
        try
        {
            if (_tokenizer.IsValueCreated || Tokenizer.Exists(Path))
            {
                warnings.AddRange(Tokenizer.Warnings);
                // Tables of embeddings are often made somewhat larger than needed.
                if (Tokenizer.TokensBelow(VocabularySize) is int known && known < LeastKnownShare * VocabularySize)
                {
                    warnings.Add(
                        $"The tokenizer has only {known} of the {VocabularySize} tokens of '{Name}', so it is likely another model's. Answers with the others have no text.");
                }
                if (Tokenizer.HasEos && Tokenizer.EosId >= VocabularySize)
                {
                    warnings.Add(
                        $"The tokenizer's end-of-sequence token {Tokenizer.TokenText(Tokenizer.EosId)} has the id {Tokenizer.EosId}; '{Name}' has {VocabularySize} tokens and can't answer it.");
                }
                if (Tokenizer.HasChatTemplate && Tokenizer.Chat is null)
                {
                    warnings.Add(
                        $"'{Name}' has a chat template, so it was trained on conversations. Prompts are used as they are, without it; -ChatTemplate (target.chatTemplate in YAML) wraps them.");
                }
                if (Tokenizer.Chat is { AsksForDate: true })
                {
                    warnings.Add(
                        $"The chat template of '{Name}' has the day's date put into every prompt. The date that it has for programs without a calendar is used, so that results stay the same.");
                }
            }
        }
        catch (HyperDasException error)
        {
            warnings.Add($"{error.Message} '{Name}' runs, but nothing that needs text will.");
        }
        if (EndTokenIds.Count == 0)
        {
            warnings.Add(
                $"No file of '{Name}' names a token that ends a text (eos_token_id, eos_token), so answers always have their full length.");
        }
        return warnings;
    }

    private IEnumerable<int> TokenizerEnd()
    {
        try
        {
            return (_tokenizer.IsValueCreated || Tokenizer.Exists(Path)) && Tokenizer.HasEos ? [Tokenizer.EosId] : [];
        }
        catch (HyperDasException)
        {
            // Whoever asks for the tokenizer hears of it.
            return [];
        }
    }
}
