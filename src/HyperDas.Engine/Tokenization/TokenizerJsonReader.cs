using System.Text.Json;
using System.Text.RegularExpressions;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Tokenization;

/// <summary>
/// Reads Hugging Face <c>tokenizer.json</c>: byte-level BPE as Llama-3, Qwen and GPT-2 have it. Everything that would change token ids
/// and isn't understood is refused rather than ignored.
/// </summary>
/// <param name="path">The file, for messages.</param>
internal sealed class TokenizerJsonReader(string path)
{
    // Eight times any published vocabulary; keeps a damaged file from asking for more memory than it has itself.
    private const int MaxTokens = 1 << 21;

    /// <exception cref="HyperDasException"><c>TokenizerCorrupt</c> or <c>TokenizerUnsupported</c>.</exception>
    internal TokenizerDefinition Read(byte[] content)
    {
        try
        {
            using JsonDocument document = StrictJson.Parse(content);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("model", out JsonElement model) || model.ValueKind != JsonValueKind.Object)
            {
                throw Corrupt("it has no \"model\" object");
            }
            RefuseUnsupportedModel(model);
            List<TextSplitter.Step> steps = [];
            bool byteLevel = ReadPreTokenizer(Child(root, "pre_tokenizer"), steps);
            if (!byteLevel)
            {
                throw Unsupported("its pre_tokenizer has no ByteLevel part; only byte-level BPE is supported");
            }
            Dictionary<string, int> vocabulary = ReadVocabulary(model);
            return new TokenizerDefinition(
                vocabulary,
                ReadMerges(model),
                ReadAddedTokens(root, vocabulary),
                new TextSplitter(steps),
                ReadNormalizer(Child(root, "normalizer")),
                Flag(model, "ignore_merges"),
                ReadTemplateBos(Child(root, "post_processor")));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw Corrupt(error.Message, error);
        }
    }

    internal HyperDasException Corrupt(string why, Exception? inner = null) => new(
        "TokenizerCorrupt", HyperDasErrorKind.InvalidData, $"The tokenizer file '{path}' can't be read: {why}.", path, inner);

    internal HyperDasException Unsupported(string why, Exception? inner = null) => new(
        "TokenizerUnsupported", HyperDasErrorKind.InvalidData, $"The tokenizer '{path}' can't be used: {why}.", path, inner);

    private void RefuseUnsupportedModel(JsonElement model)
    {
        // Old GPT-2 files have no type.
        string type = Text(model, "type") ?? "BPE";
        if (type != "BPE")
        {
            throw Unsupported($"its model is '{type}'; only BPE is supported");
        }
        foreach (string key in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (!string.IsNullOrEmpty(Text(model, key)))
            {
                throw Unsupported($"model.{key} is '{Text(model, key)}'; byte-level BPE has none");
            }
        }
        if (Flag(model, "byte_fallback"))
        {
            throw Unsupported("model.byte_fallback is true, as converted SentencePiece models have it; only byte-level BPE is supported");
        }
        if (Child(model, "dropout") is { ValueKind: JsonValueKind.Number } dropout && dropout.GetDouble() != 0)
        {
            throw Unsupported($"model.dropout is {dropout.GetRawText()}; tokens would be random");
        }
    }

    private Dictionary<string, int> ReadVocabulary(JsonElement model)
    {
        Dictionary<string, int> vocabulary = new(StringComparer.Ordinal);
        HashSet<int> ids = [];
        foreach (JsonProperty token in model.GetProperty("vocab").EnumerateObject())
        {
            if (token.Name.Length == 0)
            {
                throw Corrupt("its vocabulary has a token without text");
            }
            int id = CheckedId(token.Value.GetInt32(), token.Name);
            if (!ids.Add(id))
            {
                throw Corrupt($"two tokens, one of them '{token.Name}', have the id {id}");
            }
            vocabulary[token.Name] = id;
        }
        for (int value = 0; value < 256; value++)
        {
            if (!vocabulary.ContainsKey(ByteAlphabet.CharOf((byte)value).ToString()))
            {
                throw Unsupported($"its vocabulary has no token for byte {value}, so some text couldn't be encoded");
            }
        }
        return vocabulary;
    }

    private List<string> ReadMerges(JsonElement model)
    {
        List<string> merges = [];
        foreach (JsonElement merge in model.GetProperty("merges").EnumerateArray())
        {
            string pair = merge.ValueKind == JsonValueKind.Array && merge.GetArrayLength() == 2
                ? $"{merge[0].GetString()} {merge[1].GetString()}"
                : merge.GetString() ?? throw Corrupt($"model.merges[{merges.Count}] is null");
            int space = pair.IndexOf(' ');
            if (space <= 0 || space == pair.Length - 1 || pair.IndexOf(' ', space + 1) >= 0)
            {
                throw Corrupt($"model.merges[{merges.Count}] is '{pair}'; a merge is two tokens with one space between");
            }
            merges.Add(pair);
        }
        return merges;
    }

    private List<(int Id, string Text, bool Special)> ReadAddedTokens(JsonElement root, Dictionary<string, int> vocabulary)
    {
        List<(int, string, bool)> tokens = [];
        Dictionary<int, string> taken = vocabulary.ToDictionary(token => token.Value, token => token.Key);
        if (Child(root, "added_tokens") is { ValueKind: JsonValueKind.Array } added)
        {
            foreach (JsonElement token in added.EnumerateArray())
            {
                string text = token.GetProperty("content").GetString() ?? throw Corrupt("an added token has no content");
                int id = CheckedId(token.GetProperty("id").GetInt32(), text);
                // Some files list a token in both places; another token of the same id would hide it.
                if (!taken.TryAdd(id, text) && taken[id] != text)
                {
                    throw Corrupt($"both '{taken[id]}' and the added token '{text}' have the id {id}");
                }
                tokens.Add((id, text, Flag(token, "special")));
            }
        }
        return tokens;
    }

    private int CheckedId(int id, string token) =>
        id is >= 0 and < MaxTokens ? id : throw Corrupt($"it gives the token '{token}' the id {id}; ids run from 0 to {MaxTokens - 1}");

    /// <summary>Adds the steps of a pre-tokenizer and tells whether it spells bytes.</summary>
    private bool ReadPreTokenizer(JsonElement? node, List<TextSplitter.Step> steps)
    {
        if (node is not { ValueKind: JsonValueKind.Object } pre)
        {
            return false;
        }
        switch (Text(pre, "type"))
        {
            case "Sequence":
                bool byteLevel = false;
                foreach (JsonElement part in pre.GetProperty("pretokenizers").EnumerateArray())
                {
                    byteLevel |= ReadPreTokenizer(part, steps);
                }
                return byteLevel;
            case "ByteLevel":
                if (Flag(pre, "add_prefix_space"))
                {
                    throw Unsupported("its ByteLevel pre_tokenizer puts a space before every text (add_prefix_space)");
                }
                if (Child(pre, "use_regex") is not { ValueKind: JsonValueKind.False })
                {
                    steps.Add(new TextSplitter.Step(TextSplitter.Compile(TextSplitter.Gpt2Pattern), KeepGaps: true));
                }
                return true;
            case "Split":
                steps.Add(ReadSplit(pre));
                return false;
            case "Digits":
                string digits = Flag(pre, "individual_digits") ? @"\p{N}" : @"\p{N}+";
                steps.Add(new TextSplitter.Step(TextSplitter.Compile(digits), KeepGaps: true));
                return false;
            case string other:
                throw Unsupported($"its pre_tokenizer has a part of type '{other}'; supported are Sequence, Split, Digits and ByteLevel");
            default:
                throw Corrupt("a pre_tokenizer has no type");
        }
    }

    private TextSplitter.Step ReadSplit(JsonElement split)
    {
        JsonElement pattern = split.GetProperty("pattern");
        string expression = Text(pattern, "Regex") ?? Regex.Escape(Text(pattern, "String") ?? throw Corrupt("a Split has no pattern"));
        string behavior = Text(split, "behavior") ?? "Isolated";
        bool inverted = Flag(split, "invert");
        bool keepGaps = (behavior, inverted) switch
        {
            ("Isolated", _) => true,
            ("Removed", true) => false,
            _ => throw Unsupported($"a Split in its pre_tokenizer has the behaviour '{behavior}' (inverted: {inverted}); supported is Isolated, and Removed when inverted"),
        };
        try
        {
            return new TextSplitter.Step(TextSplitter.Compile(expression), keepGaps);
        }
        catch (ArgumentException error)
        {
            throw Unsupported($"the pattern '{expression}' of its pre_tokenizer isn't one that .NET understands", error);
        }
    }

    /// <summary>Tells whether text is composed (NFC) first.</summary>
    private bool ReadNormalizer(JsonElement? node)
    {
        if (node is not { ValueKind: JsonValueKind.Object } normalizer)
        {
            return false;
        }
        switch (Text(normalizer, "type"))
        {
            case "NFC":
                return true;
            case "Sequence":
                bool composes = false;
                foreach (JsonElement part in normalizer.GetProperty("normalizers").EnumerateArray())
                {
                    composes |= ReadNormalizer(part);
                }
                return composes;
            case string other:
                throw Unsupported($"its normalizer is of type '{other}'; supported is NFC");
            default:
                throw Corrupt("its normalizer has no type");
        }
    }

    private static string? ReadTemplateBos(JsonElement? node)
    {
        if (node is not { ValueKind: JsonValueKind.Object } processor)
        {
            return null;
        }
        if (Text(processor, "type") == "Sequence")
        {
            return processor.GetProperty("processors").EnumerateArray().Select(part => ReadTemplateBos(part)).FirstOrDefault(bos => bos is not null);
        }
        return Child(processor, "single") is { ValueKind: JsonValueKind.Array } single && single.GetArrayLength() > 0
            && Child(single[0], "SpecialToken") is { ValueKind: JsonValueKind.Object } special
            ? Text(special, "id")
            : null;
    }

    private static JsonElement? Child(JsonElement node, string key) =>
        node.ValueKind == JsonValueKind.Object && node.TryGetProperty(key, out JsonElement child) ? child : null;

    private static string? Text(JsonElement node, string key) =>
        Child(node, key) is { ValueKind: JsonValueKind.String } child ? child.GetString() : null;

    private static bool Flag(JsonElement node, string key) => Child(node, key) is { ValueKind: JsonValueKind.True };
}
