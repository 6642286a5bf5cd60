using System.Text.Json;
using HyperDas.Engine.Tokenization.Steps;

namespace HyperDas.Engine.Tokenization.Reading;

/// <summary>Reads the components of <c>tokenizer.json</c> around the model: normalizer, pre_tokenizer, post_processor, decoder.</summary>
/// <param name="file">The file, for messages.</param>
internal sealed class PipelineReader(TokenizerFile file)
{
    // Inserted text may be inserted many times.
    private const int MaxText = 256;

    /// <summary>The normalizer.</summary>
    internal Normalizer Normalizer(JsonElement? node) => new([.. Flat(node, "normalizer", "normalizers").Select(NormalizerStep)]);

    /// <summary>The pre-tokenizer.</summary>
    internal PreTokenizer PreTokenizer(JsonElement? node) =>
        new([.. Flat(node, "pre_tokenizer", "pretokenizers").SelectMany(PreTokenizerSteps)]);

    /// <summary>The decoder; null where the file doesn't specify one.</summary>
    internal TokenDecoder? Decoder(JsonElement? node)
    {
        TokenDecoder.Step[] steps = [.. Flat(node, "decoder", "decoders").Select(DecoderStep)];
        return steps.Length > 0 ? new TokenDecoder(steps) : null;
    }

    /// <summary>The template around a text; null where the file doesn't specify one.</summary>
    /// <param name="node">The post-processor.</param>
    /// <param name="idOf">Id of a token by its text; null for an unknown one.</param>
    internal PromptTemplate? Template(JsonElement? node, Func<string, int?> idOf) =>
        Flat(node, "post_processor", "processors").Select(part => TemplateOf(part, idOf)).OfType<PromptTemplate>().FirstOrDefault();

    private IEnumerable<JsonElement> Flat(JsonElement? node, string what, string list)
    {
        if (node is not { ValueKind: JsonValueKind.Object } part)
        {
            return [];
        }
        if (part.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String)
        {
            return type.GetString() == "Sequence"
                ? [.. part.GetProperty(list).EnumerateArray().SelectMany(child => Flat(child, what, list))]
                : [part];
        }
        throw file.Corrupt($"its {what} has no type");
    }

    private Normalizer.Step NormalizerStep(JsonElement step) => Json.Text(step, "type") switch
    {
        "NFC" => new Normalizer.Compose(),
        "Prepend" => new Normalizer.Prepend(Required(step, "prepend", "normalizer")),
        "Replace" => new Normalizer.Replace(Pattern(step, "normalizer"), Required(step, "content", "normalizer", mayBeEmpty: true)),
        string other => throw file.Unsupported(
            $"its normalizer has a part of type '{other}'; supported are Sequence, NFC, Prepend and Replace"),
        null => throw file.Corrupt("its normalizer has no type"),
    };

    private IEnumerable<PreTokenizer.Step> PreTokenizerSteps(JsonElement step)
    {
        switch (Json.Text(step, "type"))
        {
            case "ByteLevel":
                List<PreTokenizer.Step> steps = Json.Flag(step, "add_prefix_space") ? [new PreTokenizer.PrefixSpace()] : [];
                if (Json.Child(step, "use_regex") is not { ValueKind: JsonValueKind.False })
                {
                    steps.Add(new PreTokenizer.Split(CodePointPattern.Expression(Steps.PreTokenizer.Gpt2Pattern)));
                }
                return [.. steps, new PreTokenizer.Bytes()];
            case "Split":
                string behavior = Json.Text(step, "behavior") ?? "Isolated";
                return Enum.TryParse(behavior, out SplitBehavior parsed) && Enum.GetName(parsed) == behavior
                    ? [new PreTokenizer.Split(Pattern(step, "pre_tokenizer"), parsed, Json.Flag(step, "invert"))]
                    : throw file.Unsupported(
                        $"a Split in its pre_tokenizer has the behaviour '{behavior}'; supported are {string.Join(", ", Enum.GetNames<SplitBehavior>())}");
            case "Digits":
                return [new PreTokenizer.Split(CodePointPattern.Expression(Json.Flag(step, "individual_digits") ? @"\p{N}" : @"\p{N}+"))];
            case "Metaspace":
                return
                [
                    new PreTokenizer.Metaspace(Json.Text(step, "replacement") ?? "▁", Prefixes(step),
                        Json.Child(step, "split") is not { ValueKind: JsonValueKind.False })
                ];
            case string other:
                throw file.Unsupported(
                    $"its pre_tokenizer has a part of type '{other}'; supported are Sequence, Split, Digits, ByteLevel and Metaspace");
            default:
                throw file.Corrupt("a pre_tokenizer has no type");
        }
    }

    // Older files have add_prefix_space.
    private PreTokenizer.MetaspacePrefix Prefixes(JsonElement step) => Json.Text(step, "prepend_scheme") switch
    {
        "first" => Steps.PreTokenizer.MetaspacePrefix.First,
        "never" => Steps.PreTokenizer.MetaspacePrefix.Never,
        "always" => Steps.PreTokenizer.MetaspacePrefix.Always,
        null => Json.Child(step, "add_prefix_space") is { ValueKind: JsonValueKind.False }
            ? Steps.PreTokenizer.MetaspacePrefix.Never
            : Steps.PreTokenizer.MetaspacePrefix.Always,
        string other => throw file.Unsupported($"a Metaspace has the prepend_scheme '{other}'; supported are first, never and always"),
    };

    private TokenDecoder.Step DecoderStep(JsonElement step)
    {
        switch (Json.Text(step, "type"))
        {
            case "ByteLevel":
                return new TokenDecoder.Bytes();
            case "ByteFallback":
                return new TokenDecoder.ByteFallback();
            case "Fuse":
                return new TokenDecoder.Fuse();
            case "Replace":
                return new TokenDecoder.Replace(Pattern(step, "decoder"), Required(step, "content", "decoder", mayBeEmpty: true));
            case "Strip" when Required(step, "content", "decoder") is [char only]:
                return new TokenDecoder.Strip(only, Count(step, "start"), Count(step, "stop"));
            case "Metaspace":
                return new TokenDecoder.Metaspace(
                    Json.Text(step, "replacement") ?? "▁", Prefixes(step) != Steps.PreTokenizer.MetaspacePrefix.Never);
            case string other:
                throw file.Unsupported(
                    $"its decoder has a part of type '{other}' ; supported are Sequence, ByteLevel, ByteFallback, Fuse, Replace, Strip and Metaspace");
            default:
                throw file.Corrupt("a decoder has no type");
        }
    }

    private PromptTemplate? TemplateOf(JsonElement processor, Func<string, int?> idOf)
    {
        switch (Json.Text(processor, "type"))
        {
            case "TemplateProcessing" when Json.Child(processor, "single") is { ValueKind: JsonValueKind.Array } single:
                List<string> before = [], after = [];
                List<string> side = before;
                foreach (JsonElement part in single.EnumerateArray())
                {
                    if (Json.Child(part, "SpecialToken") is { ValueKind: JsonValueKind.Object } special)
                    {
                        string name = Required(special, "id", "post_processor");
                        JsonElement? known = Json.Child(processor, "special_tokens") is { } all ? Json.Child(all, name) : null;
                        RefuseOtherIds(name, known is { } entry ? Json.Child(entry, "ids") : null);
                        side.Add(name);
                    }
                    else if (Json.Child(part, "Sequence") is not null)
                    {
                        side = after;
                    }
                    else
                    {
                        throw file.Corrupt(
                            $"the template of its post_processor has the part {part.GetRawText()}; it must be a SpecialToken or a Sequence");
                    }
                }
                return new PromptTemplate(before, after);
            case "RobertaProcessing" or "BertProcessing":
                return new PromptTemplate([Named(processor, "cls")], [Named(processor, "sep")]);
            case "ByteLevel":
                return null;
            case string other:
                throw file.Unsupported(
                    $"its post_processor has a part of type '{other}'; supported are Sequence, ByteLevel, TemplateProcessing, RobertaProcessing and BertProcessing");
            default:
                throw file.Corrupt("a post_processor has no type");
        }

        string Named(JsonElement node, string key)
        {
            if (Json.Child(node, key) is { ValueKind: JsonValueKind.Array } pair && pair.GetArrayLength() > 0
                && pair[0].ValueKind == JsonValueKind.String)
            {
                string name = pair[0].GetString()!;
                RefuseOtherIds(name, pair.GetArrayLength() > 1 ? pair[1] : null);
                return name;
            }
            throw file.Corrupt($"its post_processor has no '{key}'");
        }

        // Hugging Face's library uses these ids, whatever the vocabulary says.
        void RefuseOtherIds(string name, JsonElement? ids)
        {
            if (ids is not { } given || idOf(name) is not int known)
            {
                return;
            }
            JsonElement[] each = given.ValueKind == JsonValueKind.Array ? [.. given.EnumerateArray()] : [given];
            if (each.Length != 1 || each[0].ValueKind != JsonValueKind.Number || !each[0].TryGetInt32(out int id) || id != known)
            {
                string found = string.Join(", ", each.Select(one => one.GetRawText()));
                throw file.Corrupt($"its post_processor gives '{name}' the id {found}; its tokens give it {known}");
            }
        }
    }

    private CodePointPattern Pattern(JsonElement step, string what)
    {
        JsonElement? pattern = Json.Child(step, "pattern");
        if (pattern is { } literal && Json.Text(literal, "String") is { } text)
        {
            return text.Length > 0 ? CodePointPattern.Literal(text) : throw file.Corrupt($"a pattern of its {what} is empty");
        }
        string expression = (pattern is { } node ? Json.Text(node, "Regex") : null)
            ?? throw file.Corrupt($"a {Json.Text(step, "type")} of its {what} has no pattern");
        try
        {
            return CodePointPattern.Expression(expression);
        }
        catch (ArgumentException error)
        {
            throw file.Unsupported($"the pattern '{expression}' of its {what} isn't supported by .NET", error);
        }
    }

    private string Required(JsonElement node, string key, string what, bool mayBeEmpty = false) =>
        Json.Text(node, key) is { Length: <= MaxText } text && (mayBeEmpty || text.Length > 0) ? text : throw file.Corrupt(
            $"a {Json.Text(node, "type") ?? "part"} of its {what} has no '{key}', or one of more than {MaxText} characters");

    private int Count(JsonElement node, string key) =>
        Json.Child(node, key) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out int count) && count >= 0
            ? count
            : throw file.Corrupt($"a {Json.Text(node, "type")} of its decoder has no count '{key}'");
}
