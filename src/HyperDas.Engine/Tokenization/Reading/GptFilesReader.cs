using System.Text.Json;
using HyperDas.Engine.Files;
using HyperDas.Engine.Tokenization.Steps;

namespace HyperDas.Engine.Tokenization.Reading;

/// <summary>
/// Reads <c>vocab.json</c> and <c>merges.txt</c>, the files of GPT-2's and Qwen's first tokenizers, where there is no
/// <c>tokenizer.json</c>. They don't specify how text is split; the class in <c>tokenizer_config.json</c> determines it, as in Hugging
/// Face's library.
/// </summary>
/// <param name="folder">The folder.</param>
/// <param name="config">Its <c>tokenizer_config.json</c>.</param>
internal sealed class GptFilesReader(string folder, TokenizerConfig config)
{
    /// <summary>The vocabulary's file.</summary>
    internal const string VocabularyName = "vocab.json";

    /// <summary>The merges' file.</summary>
    internal const string MergesName = "merges.txt";

    /// <exception cref="HyperDasException"><c>TokenizerCorrupt</c> or <c>TokenizerUnsupported</c>.</exception>
    internal TokenizerDefinition Read(byte[] vocabularyJson, byte[] mergesText)
    {
        TokenizerFile file = new(Path.Combine(folder, VocabularyName));
        bool qwen = config.Class?.StartsWith("Qwen", StringComparison.Ordinal) == true;
        try
        {
            using JsonDocument document = StrictJson.Parse(vocabularyJson);
            Dictionary<string, int> vocabulary = new VocabularyReader(file).Vocabulary(document.RootElement);
            for (int value = 0; value < 256; value++)
            {
                if (value is not (0xC0 or 0xC1 or >= 0xF5) && !vocabulary.ContainsKey(ByteAlphabet.CharOf((byte)value).ToString()))
                {
                    throw file.Unsupported($"its vocabulary has no token for byte {value}; byte-level BPE needs one for each");
                }
            }
            CodePointPattern pattern = CodePointPattern.Expression(qwen ? PreTokenizer.Qwen2Pattern : PreTokenizer.Gpt2Pattern);
            return new TokenizerDefinition(
                vocabulary,
                Merges(mergesText),
                AddedTokens(vocabulary, file),
                new Normalizer(qwen ? [new Normalizer.Compose()] : []),
                new PreTokenizer([.. config.AddsPrefixSpace == true ? [new PreTokenizer.PrefixSpace()] : (PreTokenizer.Step[])[],
                    new PreTokenizer.Split(pattern), new PreTokenizer.Bytes()]),
                new BpeSettings(),
                TokenDecoder.ForBytes,
                Template: null);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw file.Corrupt(error.Message, error);
        }
    }

    private List<string> Merges(byte[] content)
    {
        TokenizerFile file = new(Path.Combine(folder, MergesName));
        VocabularyReader reader = new(file);
        List<string> merges = [];
        int number = 0;
        foreach (string line in System.Text.Encoding.UTF8.GetString(content).TrimStart('\uFEFF').Split('\n'))
        {
            number++;
            string merge = line.TrimEnd('\r');
            if (merge.Length > 0 && !(number == 1 && merge.StartsWith("#version", StringComparison.Ordinal)))
            {
                merges.Add(reader.Merge(merge, $"line {number}"));
            }
        }
        return merges;
    }

    // As in Hugging Face's library: the tokens that the files list, then the named ones without an id, after all others.
    private List<AddedToken> AddedTokens(Dictionary<string, int> vocabulary, TokenizerFile file)
    {
        Dictionary<string, AddedToken> tokens = config.AddedTokens.ToDictionary(token => token.Text, StringComparer.Ordinal);
        string listed = Path.Combine(folder, "added_tokens.json");
        if (File.Exists(listed))
        {
            using JsonDocument document = StrictJson.Open(listed, "TokenizerCorrupt");
            foreach ((string text, int id) in new VocabularyReader(new TokenizerFile(listed)).Vocabulary(document.RootElement))
            {
                tokens.TryAdd(text, new AddedToken(id, text, Special: config.Named.Contains(text)));
            }
        }
        int next = 1 + Math.Max(vocabulary.Values.Max(), tokens.Values.Select(token => token.Id).DefaultIfEmpty(-1).Max());
        foreach (string text in config.Named)
        {
            if (!tokens.ContainsKey(text))
            {
                tokens.Add(text, new AddedToken(vocabulary.TryGetValue(text, out int id) ? id : next++, text, Special: true));
            }
        }
        Dictionary<int, string> taken = vocabulary.ToDictionary(token => token.Value, token => token.Key);
        foreach (AddedToken token in tokens.Values)
        {
            if (!taken.TryAdd(token.Id, token.Text) && taken[token.Id] != token.Text)
            {
                throw file.Corrupt($"'{taken[token.Id]}' and the added token '{token.Text}' both have the id {token.Id}");
            }
        }
        return [.. tokens.Values.OrderBy(token => token.Id)];
    }
}
