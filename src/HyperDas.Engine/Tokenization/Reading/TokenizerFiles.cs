using System.Security.Cryptography;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Tokenization.Reading;

/// <summary>
/// Finds the tokenizer's files in a folder: <c>tokenizer.json</c>, else <c>tokenizer.model</c>, else
/// <c>vocab.json</c> and <c>merges.txt</c>.
/// </summary>
internal static class TokenizerFiles
{
    /// <summary>SentencePiece's file.</summary>
    internal const string SentencePieceName = "tokenizer.model";

    /// <summary>Name of the file with the complete definition.</summary>
    internal const string JsonName = "tokenizer.json";

    // Files of unsupported tokenizers, and the kinds of these.
    private static readonly (string Name, string What)[] s_others =
    [
        ("tekken.json", "Mistral's Tekken tokenizer"), ("vocab.txt", "a WordPiece tokenizer"),
        ("spiece.model", "a SentencePiece unigram tokenizer"),
        ("spm.model", "a SentencePiece unigram tokenizer"), ("qwen.tiktoken", "a tiktoken tokenizer"),
        ("tokenizer.tiktoken", "a tiktoken tokenizer"),
    ];

    /// <summary>The file with the highest precedence; null when the folder has no tokenizer.</summary>
    internal static string? Find(string folder) =>
        ((string[])[JsonName, SentencePieceName, GptFilesReader.VocabularyName]).Select(name => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);

    /// <summary>Reads a folder's tokenizer.</summary>
    /// <returns>What it says, the file, and SHA-256 of the file's bytes.</returns>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>, <c>FileIsPointer</c>, <c>TokenizerCorrupt</c> or
    /// <c>TokenizerUnsupported</c>.</exception>
    internal static (TokenizerDefinition Definition, TokenizerFile File, string Hash) Read(string folder, TokenizerConfig config)
    {
        string path = Find(folder) ?? throw Missing(folder);
        StandIn.ThrowIfPointer(path);
        TokenizerFile file = new(path);
        byte[] content = WholeFile.Read(path, StrictJson.MaxBytes, "TokenizerCorrupt");
        string hash = Convert.ToHexStringLower(SHA256.HashData(content));
        switch (Path.GetFileName(path))
        {
            case SentencePieceName:
                return (new SentencePieceReader(file, config).Read(content), file, hash);
            case GptFilesReader.VocabularyName:
                string merges = Path.Combine(folder, GptFilesReader.MergesName);
                if (!File.Exists(merges))
                {
                    throw new HyperDasException(
                        "PathNotFound", HyperDasErrorKind.NotFound,
                        $"The folder '{folder}' has vocab.json but no merges.txt; both are required without a tokenizer.json.",
                        merges);
                }
                StandIn.ThrowIfPointer(merges);
                return (new GptFilesReader(folder, config).Read(content,
                    WholeFile.Read(merges, StrictJson.MaxBytes, "TokenizerCorrupt")), file, hash);
            default:
                TokenizerDefinition definition = new TokenizerJsonReader(file).Read(content);
                return (definition with { AddedTokens = config.AddedTokensOver(definition) }, file, hash);
        }
    }

    private static HyperDasException Missing(string folder)
    {
        string path = Path.Combine(folder, JsonName);
        if (!Directory.Exists(folder))
        {
            return new HyperDasException("PathNotFound", HyperDasErrorKind.NotFound,
                $"The folder '{folder}' doesn't exist; it must be a Hugging Face model folder with a tokenizer.json.", path);
        }
        (string name, string what) = s_others.FirstOrDefault(other => File.Exists(Path.Combine(folder, other.Name)));
        return name is null
            ? new HyperDasException(
                "PathNotFound", HyperDasErrorKind.NotFound,
                $"The folder '{folder}' has no tokenizer.json, no tokenizer.model and no vocab.json with merges.txt; copy the model's tokenizer files into it.",
                path)
            : new HyperDasException(
                "TokenizerUnsupported", HyperDasErrorKind.InvalidData,
                $"The folder '{folder}' has '{name}' but no tokenizer.json; {what} isn't supported. Save the tokenizer as tokenizer.json with Hugging Face's library first.",
                path);
    }
}
