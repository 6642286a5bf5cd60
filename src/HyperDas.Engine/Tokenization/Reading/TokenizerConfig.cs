using System.Text.Json;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Tokenization.Reading;

/// <summary>Content of <c>tokenizer_config.json</c> besides the names of special tokens; the file is optional.</summary>
internal sealed class TokenizerConfig
{
    private const string Name = "tokenizer_config.json";

    // The tokens that transformers adds to a vocabulary without them, in its order.
    private static readonly string[] s_named = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    private readonly string _path;

    private TokenizerConfig(string folder) => _path = Path.Combine(folder, Name);

    /// <summary>Whether prompts begin with the beginning-of-sequence token; null where the file doesn't specify it.</summary>
    internal bool? AddsBos { get; private init; }

    /// <summary>Whether texts end with the end-of-sequence token; null where the file doesn't specify it.</summary>
    internal bool? AddsEos { get; private init; }

    /// <summary>Whether a space is put before every text; null where the file doesn't specify it.</summary>
    internal bool? AddsPrefixSpace { get; private init; }

    /// <summary>
    /// Whether SentencePiece's pieces are split as in early versions of transformers; null where the file doesn't specify it.
    /// </summary>
    internal bool? Legacy { get; private init; }

    /// <summary>The class in Hugging Face's library, without <c>Fast</c>; null where the file doesn't specify it.</summary>
    internal string? Class { get; private init; }

    /// <summary>The chat template, in Jinja; null without one, and empty where a file has one in an unsupported form.</summary>
    internal string? ChatTemplate { get; private init; }

    /// <summary>Tokens by id, as newer files list them.</summary>
    internal IReadOnlyList<AddedToken> AddedTokens { get; private init; } = [];

    /// <summary>Texts of the special tokens that the file names, in the order in which transformers adds missing ones.</summary>
    internal IReadOnlyList<string> Named { get; private init; } = [];

    /// <summary>Texts of further special tokens (<c>additional_special_tokens</c>).</summary>
    internal IReadOnlyList<string> Additional { get; private init; } = [];

    /// <summary>Reads the file of a folder.</summary>
    /// <exception cref="HyperDasException"><c>TokenizerCorrupt</c>.</exception>
    internal static TokenizerConfig Read(string folder)
    {
        TokenizerConfig none = new(folder);
        if (!File.Exists(none._path))
        {
            return new TokenizerConfig(folder) { ChatTemplate = ChatTemplateFile.Read(folder) };
        }
        using JsonDocument document = StrictJson.OpenAny(none._path, "TokenizerCorrupt");
        JsonElement root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw none.Corrupt("it isn't a JSON object");
        }
        return new TokenizerConfig(folder)
        {
            AddsBos = none.Flag(root, "add_bos_token"),
            AddsEos = none.Flag(root, "add_eos_token"),
            AddsPrefixSpace = none.Flag(root, "add_prefix_space"),
            Legacy = none.Flag(root, "legacy"),
            Class = root.TryGetProperty("tokenizer_class", out JsonElement type) && type.ValueKind == JsonValueKind.String
                ? type.GetString()!.EndsWith("Fast", StringComparison.Ordinal) ? type.GetString()![..^4] : type.GetString()
                : null,
            ChatTemplate = ChatTemplateFile.Read(folder)
                ?? (root.TryGetProperty("chat_template", out JsonElement chat) ? ChatTemplateFile.Of(chat) : null),
            AddedTokens = none.ReadAdded(root),
            Additional = root.TryGetProperty("additional_special_tokens", out JsonElement more) && more.ValueKind == JsonValueKind.Array
                ? [.. more.EnumerateArray().Select(Content).OfType<string>().Where(text => text.Length > 0).Distinct()]
                : [],
            Named =
            [
                .. s_named.Select(key => root.TryGetProperty(key, out JsonElement token) ? Content(token) : null).OfType<string>()
                    .Where(text => text.Length > 0).Distinct()
            ],
        };
    }

    /// <summary>Whether the tokenizer's class adds the beginning-of-sequence token by default.</summary>
    internal bool AddsBosByCustom(TokenizerDefinition definition) => Class switch
    {
        null => definition.UsesMarks,
        string name => name.StartsWith("Llama", StringComparison.Ordinal) || name.StartsWith("CodeLlama", StringComparison.Ordinal)
            || name.StartsWith("Gemma", StringComparison.Ordinal),
    };

    /// <summary>
    /// The added tokens of a <c>tokenizer.json</c> with what this file says of them, which counts, as in transformers; tokens that only
    /// this file has are added.
    /// </summary>
    /// <param name="definition">What <c>tokenizer.json</c> says.</param>
    /// <exception cref="HyperDasException"><c>TokenizerCorrupt</c>: an id belongs to another token there.</exception>
    internal IReadOnlyList<AddedToken> AddedTokensOver(TokenizerDefinition definition)
    {
        if (AddedTokens.Count == 0)
        {
            return definition.AddedTokens;
        }
        Dictionary<string, int> known = definition.Ids();
        Lazy<Dictionary<int, string>> taken = new(() => known.ToDictionary(token => token.Value, token => token.Key));
        Dictionary<string, AddedToken> tokens = new(StringComparer.Ordinal);
        foreach (AddedToken token in definition.AddedTokens)
        {
            tokens[token.Text] = token;
        }
        foreach (AddedToken token in AddedTokens)
        {
            if (!known.TryGetValue(token.Text, out int id))
            {
                id = taken.Value.TryAdd(token.Id, token.Text) ? token.Id : throw Corrupt(
                    $"'added_tokens_decoder' gives the id {token.Id} to '{token.Text}'; in tokenizer.json it is '{taken.Value[token.Id]}'");
            }
            tokens[token.Text] = token with { Id = id };
        }
        return [.. tokens.Values.OrderBy(token => token.Id)];
    }

    /// <summary>An error about the file.</summary>
    internal HyperDasException Corrupt(string why) => new(
        "TokenizerCorrupt", HyperDasErrorKind.InvalidData, $"The tokenizer of '{_path}' can't be used: {why}.", _path);

    /// <summary>The text of a token that is a text or an object.</summary>
    internal static string? Content(JsonElement token)
    {
        if (token.ValueKind == JsonValueKind.Object && token.TryGetProperty("content", out JsonElement content))
        {
            token = content;
        }
        return token.ValueKind == JsonValueKind.String ? token.GetString() : null;
    }

    private bool? Flag(JsonElement root, string key) => root.TryGetProperty(key, out JsonElement value)
        ? value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Null => null,
            _ => throw Corrupt($"'{key}' is {value.GetRawText()}; it must be true or false"),
        }
        : null;

    private List<AddedToken> ReadAdded(JsonElement root)
    {
        List<AddedToken> tokens = [];
        if (root.TryGetProperty("added_tokens_decoder", out JsonElement added) && added.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty entry in added.EnumerateObject())
            {
                if (!int.TryParse(entry.Name, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture,
                    out int id) || id >= VocabularyReader.MaxTokens
                    || entry.Value.ValueKind != JsonValueKind.Object || Content(entry.Value) is not { Length: > 0 } text)
                {
                    throw Corrupt(
                        $"'added_tokens_decoder' has '{entry.Name}': {entry.Value.GetRawText()}; it must map ids to objects with a content");
                }
                tokens.Add(VocabularyReader.Added(id, text, entry.Value, Corrupt));
            }
        }
        return tokens;
    }
}
