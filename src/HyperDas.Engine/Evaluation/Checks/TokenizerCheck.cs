using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Tokenization;

namespace HyperDas.Engine.Evaluation.Checks;

/// <summary>Checks whether the tokenizer belongs to the model, as far as ids show.</summary>
internal static class TokenizerCheck
{
    private const string Name = "TokenizerFitsModel";

    /// <summary>
    /// Ids that a text can have must have an embedding, and so must the tokens with which prompts begin. Other special tokens without an
    /// embedding are reported but pass: some checkpoints name a padding token that no text contains.
    /// </summary>
    /// <param name="model">The model.</param>
    public static CheckStep Of(LanguageModel model) => new(Name, _ =>
    {
        model.ThrowIfDisposed();
        try
        {
            Tokenizer tokenizer = model.Tokenizer;
            int rows = model.VocabularySize, size = tokenizer.VocabularySize;
            int special =
                Enumerable.Range(rows, Math.Max(0, size - rows)).Count(tokenizer.IsSpecial), beyond = Math.Max(0, size - rows) - special;
            bool hasStart = tokenizer.Prefix.Ids.All(id => id < rows);
            string start = tokenizer.Prefix.Length == 0
                ? "Prompts begin with no special token"
                : $"Prompts begin with {string.Join(" ", tokenizer.Prefix.Ids.Select(tokenizer.TokenText))}";
            string detail = beyond > 0
                ? $"{beyond} of {size} token ids exceed the embedding's {rows} rows: the tokenizer's files belong to another model."
                : !hasStart ? $"{start}, which has no row among the embedding's {rows}: the tokenizer's files belong to another model."
                : special > 0 ? $"{special} special tokens exceed the embedding's {rows} rows; no text contains them. {start}."
                : $"All {size} token ids have one of the embedding's {rows} rows. {start}.";
            return Result(model, beyond == 0 && hasStart, beyond, size, detail);
        }
        catch (HyperDasException e) when (e.ErrorId is "PathNotFound" or "FileIsPointer" or "TokenizerCorrupt" or "TokenizerUnsupported")
        {
            return Result(model, passed: false, count: null, total: null, e.Message);
        }
    });

    /// <summary>
    /// The prompts as token ids. Where the tokenizer gives none that the model has, arbitrary ids are used: the other checks don't need
    /// words.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="prompts">Texts.</param>
    public static IReadOnlyList<int[]> Sequences(LanguageModel model, IReadOnlyList<string> prompts)
    {
        try
        {
            int[][] encoded = [.. prompts.Where(p => p.Length > 0).Select(p => model.Tokenizer.EncodePrompt(p))];
            if (encoded.All(ids => ids.All(id => id < model.VocabularySize)))
            {
                return encoded;
            }
        }
        catch (HyperDasException e) when (e.ErrorId is "PathNotFound" or "FileIsPointer" or "TokenizerCorrupt" or "TokenizerUnsupported")
        {
        }
        // With the lengths of the texts, and as different from each other; the checks continue them by a few tokens.
        int room = model.Config.LearnedPositions ? model.Config.MaxPositions - PathChecks.GeneratedTokens : int.MaxValue;
        int longest = Math.Clamp(room, 1, 64);
        return
        [
            .. prompts.Where(p => p.Length > 0)
                .Select(p => (int[])[.. p.Take(longest).Select((c, i) => (c * 31 + i) % model.VocabularySize)])
        ];
    }

    private static ModelCheck Result(LanguageModel model, bool passed, long? count, long? total, string detail) => new()
    {
        Name = Name,
        Model = model.Name,
        Passed = passed,
        Required = true,
        Count = count,
        Total = total,
        Compares = "token ids of the tokenizer without a row in the model's embedding",
        Detail = detail,
    };
}
