using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HyperDas.Engine.Tokenization;

/// <summary>
/// A newly trained byte-level BPE tokenizer. Ids 0-255 are the bytes, then one for each merge, then <c>&lt;|begin_of_text|&gt;</c> and
/// <c>&lt;|end_of_text|&gt;</c>.
/// </summary>
public sealed class TrainedBpe
{
    /// <summary>Name of the token that begins a sequence.</summary>
    public const string BosToken = "<|begin_of_text|>";

    /// <summary>Name of the token that ends a sequence.</summary>
    public const string EosToken = "<|end_of_text|>";

    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly string[] _tokens;
    private readonly IReadOnlyList<(int Left, int Right)> _merges;

    internal TrainedBpe(IReadOnlyList<(int Left, int Right)> merges)
    {
        _merges = merges;
        _tokens = new string[256 + merges.Count];
        for (int value = 0; value < 256; value++)
        {
            _tokens[value] = ByteAlphabet.CharOf((byte)value).ToString();
        }
        for (int i = 0; i < merges.Count; i++)
        {
            _tokens[256 + i] = _tokens[merges[i].Left] + _tokens[merges[i].Right];
        }
    }

    /// <summary>Number of tokens, special ones included.</summary>
    public int VocabularySize => _tokens.Length + 2;

    /// <summary>Id of the token that begins a sequence.</summary>
    public int BosId => _tokens.Length;

    /// <summary>Id of the token that ends a sequence.</summary>
    public int EosId => _tokens.Length + 1;

    /// <summary>
    /// Writes <c>tokenizer.json</c> and <c>tokenizer_config.json</c> as Hugging Face libraries and <see cref="Tokenizer.Load"/> read them.
    /// </summary>
    /// <param name="folder">Folder of the model; created if needed. Existing files are replaced.</param>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        Write(Path.Combine(folder, "tokenizer.json"), TokenizerJson());
        Write(Path.Combine(folder, "tokenizer_config.json"), new JsonObject
        {
            ["bos_token"] = BosToken,
            ["eos_token"] = EosToken,
            ["clean_up_tokenization_spaces"] = false,
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
        });
    }

    private static void Write(string path, JsonObject content) =>
        File.WriteAllText(path, content.ToJsonString(s_json) + "\n", new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));

    private JsonObject TokenizerJson() => new()
    {
        ["version"] = "1.0",
        ["truncation"] = null,
        ["padding"] = null,
        ["added_tokens"] = new JsonArray(AddedToken(BosId, BosToken), AddedToken(EosId, EosToken)),
        ["normalizer"] = null,
        ["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray(
                new JsonObject
                {
                    ["type"] = "Split",
                    ["pattern"] = new JsonObject { ["Regex"] = Steps.PreTokenizer.Llama3Pattern },
                    ["behavior"] = "Isolated",
                    ["invert"] = false,
                },
                ByteLevel(addPrefixSpace: false)),
        },
        ["post_processor"] = new JsonObject
        {
            ["type"] = "TemplateProcessing",
            ["single"] = new JsonArray(TemplatePart("SpecialToken", BosToken, 0), TemplatePart("Sequence", "A", 0)),
            ["pair"] = new JsonArray(
                TemplatePart("SpecialToken", BosToken, 0), TemplatePart("Sequence", "A", 0),
                TemplatePart("SpecialToken", BosToken, 1), TemplatePart("Sequence", "B", 1)),
            ["special_tokens"] = new JsonObject
            {
                [BosToken] = new JsonObject { ["id"] = BosToken, ["ids"] = new JsonArray(BosId), ["tokens"] = new JsonArray(BosToken) },
            },
        },
        ["decoder"] = ByteLevel(addPrefixSpace: true),
        ["model"] = new JsonObject
        {
            ["type"] = "BPE",
            ["dropout"] = null,
            ["unk_token"] = null,
            ["continuing_subword_prefix"] = null,
            ["end_of_word_suffix"] = null,
            ["fuse_unk"] = false,
            ["byte_fallback"] = false,
            ["ignore_merges"] = false,
            ["vocab"] = new JsonObject(_tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))),
            ["merges"] = new JsonArray([.. _merges.Select(merge => (JsonNode)$"{_tokens[merge.Left]} {_tokens[merge.Right]}")]),
        },
    };

    private static JsonObject AddedToken(int id, string content) => new()
    {
        ["id"] = id,
        ["content"] = content,
        ["single_word"] = false,
        ["lstrip"] = false,
        ["rstrip"] = false,
        ["normalized"] = false,
        ["special"] = true,
    };

    private static JsonObject ByteLevel(bool addPrefixSpace) => new()
    {
        ["type"] = "ByteLevel",
        ["add_prefix_space"] = addPrefixSpace,
        ["trim_offsets"] = true,
        ["use_regex"] = false,
    };

    private static JsonObject TemplatePart(string kind, string id, int type) =>
        new() { [kind] = new JsonObject { ["id"] = id, ["type_id"] = type } };
}
