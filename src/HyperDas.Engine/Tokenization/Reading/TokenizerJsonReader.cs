using System.Text.Json;
using HyperDas.Engine.Files;
using HyperDas.Engine.Tokenization.Steps;

namespace HyperDas.Engine.Tokenization.Reading;

/// <summary>
/// Reads Hugging Face <c>tokenizer.json</c>: byte-level BPE (Llama-3, Qwen, GPT-2, Pythia) and SentencePiece's BPE (Llama-2, Mistral,
/// Gemma, Phi-3). Unsupported settings that would change token ids are errors.
/// </summary>
/// <param name="file">The file, for messages.</param>
internal sealed class TokenizerJsonReader(TokenizerFile file)
{
    /// <exception cref="HyperDasException"><c>TokenizerCorrupt</c> or <c>TokenizerUnsupported</c>.</exception>
    internal TokenizerDefinition Read(byte[] content)
    {
        try
        {
            using JsonDocument document = StrictJson.Parse(content);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("model", out JsonElement model)
                || model.ValueKind != JsonValueKind.Object)
            {
                throw file.Corrupt("it has no \"model\" object");
            }
            RefuseUnsupportedModel(model);
            PipelineReader pipeline = new(file);
            VocabularyReader tokens = new(file);
            PreTokenizer preTokenizer = pipeline.PreTokenizer(Json.Child(root, "pre_tokenizer"));
            Dictionary<string, int> vocabulary = tokens.Vocabulary(model.GetProperty("vocab"));
            BpeSettings settings = new(
                Json.Flag(model, "ignore_merges"), Json.Flag(model, "byte_fallback"),
                Json.Text(model, "unk_token") is { Length: > 0 } unknown ? unknown : null,
                Json.Flag(model, "fuse_unk"));
            RefuseUnreadableText(preTokenizer, vocabulary, settings);
            Normalizer normalizer = pipeline.Normalizer(Json.Child(root, "normalizer"));
            List<AddedToken> added = Json.Child(root, "added_tokens") is { ValueKind: JsonValueKind.Array } list
                ? tokens.AddedTokens(list, vocabulary)
                : [];
            return new TokenizerDefinition(
                vocabulary,
                tokens.Merges(model.GetProperty("merges")),
                added,
                normalizer,
                preTokenizer,
                settings,
                pipeline.Decoder(Json.Child(root, "decoder")) ?? Natural(preTokenizer, normalizer),
                pipeline.Template(
                    Json.Child(root, "post_processor"),
                    name => added.FirstOrDefault(token => token.Text == name)?.Id
                        ?? (vocabulary.TryGetValue(name, out int id) ? id : null)));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw file.Corrupt(error.Message, error);
        }
    }

    // Without a decoder the reference puts spaces between all tokens; here the tokens' plain text is used.
    private static TokenDecoder Natural(PreTokenizer preTokenizer, Normalizer normalizer) => preTokenizer.SpellsBytes
        ? TokenDecoder.ForBytes
        : TokenDecoder.ForMarks(normalizer.Steps.Any(step => step is Normalizer.Prepend)
            || preTokenizer.Steps.Any(step => step is PreTokenizer.Metaspace { Prefixes: not PreTokenizer.MetaspacePrefix.Never }));

    private void RefuseUnsupportedModel(JsonElement model)
    {
        // Old GPT-2 files have no type.
        string type = Json.Text(model, "type") ?? "BPE";
        if (type != "BPE")
        {
            throw file.Unsupported($"its model is '{type}'; only BPE is supported");
        }
        foreach (string key in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (!string.IsNullOrEmpty(Json.Text(model, key)))
            {
                throw file.Unsupported($"model.{key} is '{Json.Text(model, key)}'; the tokenizers of causal language models have none");
            }
        }
        if (Json.Child(model, "dropout") is { ValueKind: JsonValueKind.Number } dropout && dropout.GetDouble() != 0)
        {
            throw file.Unsupported($"model.dropout is {dropout.GetRawText()}; tokens would then be random");
        }
    }

    private void RefuseUnreadableText(PreTokenizer preTokenizer, Dictionary<string, int> vocabulary, BpeSettings settings)
    {
        if (settings.UnknownToken is string unknown && !vocabulary.ContainsKey(unknown))
        {
            throw file.Corrupt($"model.unk_token is '{unknown}', which its vocabulary lacks");
        }
        if (settings.UnknownToken is not null)
        {
            return;
        }
        if (!preTokenizer.SpellsBytes && !settings.FallsBackToBytes)
        {
            throw file.Unsupported(
                "it has neither a ByteLevel pre_tokenizer nor byte_fallback nor an unk_token, so some text couldn't be encoded");
        }
        for (int value = 0; value < 256; value++)
        {
            string token = preTokenizer.SpellsBytes ? ByteAlphabet.CharOf((byte)value).ToString() : BpeModel.ByteToken(value);
            // The other bytes never occur in UTF-8; GPT-NeoX's vocabulary lacks them.
            if (value is not (0xC0 or 0xC1 or >= 0xF5) && !vocabulary.ContainsKey(token)
                && !(preTokenizer.SpellsBytes && settings.FallsBackToBytes))
            {
                throw file.Unsupported($"its vocabulary has no token for byte {value}, so some text couldn't be encoded");
            }
        }
    }
}
