using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using HyperDas.Engine.Tokenization.Steps;

namespace HyperDas.Engine.Tokenization;

/// <summary>The validated content of a tokenizer's files: the components of a BPE tokenizer.</summary>
/// <param name="Vocabulary">Spelled token → id, in file order.</param>
/// <param name="Merges">Pairs as <c>left right</c>, best first.</param>
/// <param name="AddedTokens">Tokens that are matched in a text before anything else.</param>
/// <param name="Normalizer">Normalisation of the text between them.</param>
/// <param name="PreTokenizer">Splitting into pieces.</param>
/// <param name="Model">Treatment of characters outside the vocabulary.</param>
/// <param name="Decoder">Conversion of tokens to text.</param>
/// <param name="Template">Template around a text; null where the files have none.</param>
internal sealed record TokenizerDefinition(
    IReadOnlyDictionary<string, int> Vocabulary,
    IReadOnlyList<string> Merges,
    IReadOnlyList<AddedToken> AddedTokens,
    Normalizer Normalizer,
    PreTokenizer PreTokenizer,
    BpeSettings Model,
    TokenDecoder Decoder,
    PromptTemplate? Template)
{
    /// <summary>Whether tokens are spelled with SentencePiece's mark in place of spaces.</summary>
    internal bool UsesMarks => PreTokenizer.Steps.Any(step => step is PreTokenizer.Metaspace)
        || Normalizer.Steps.Any(step => step is Normalizer.Replace { Text: "▁" });

    /// <summary>Ids by the tokens' texts; added tokens take precedence over the vocabulary.</summary>
    internal Dictionary<string, int> Ids()
    {
        Dictionary<string, int> ids = new(Vocabulary, StringComparer.Ordinal);
        foreach (AddedToken token in AddedTokens)
        {
            ids[token.Text] = token.Id;
        }
        return ids;
    }

    /// <summary>
    /// SHA-256 of everything that determines token ids and texts, in lower-case hexadecimal: independent of the files' spelling.
    /// </summary>
    /// <param name="prefix">Ids of the prompts' prefix.</param>
    /// <param name="chat">The chat template around prompts; null without one.</param>
    internal string Fingerprint(IEnumerable<int> prefix, string? chat = null)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add("hyperdas-tokenizer-1");
        foreach ((string token, int id) in Vocabulary.OrderBy(token => token.Value))
        {
            Add($"token {id} {token}");
        }
        foreach (string merge in Merges)
        {
            Add($"merge {merge}");
        }
        foreach (AddedToken token in AddedTokens.OrderBy(token => token.Id).ThenBy(token => token.Text, StringComparer.Ordinal))
        {
            Add($"added {token.Id} {Flags(token)} {token.Text}");
        }
        foreach (string step in (IEnumerable<string>)
            [.. Normalizer.Steps.Select(s => "normalizer " + s.Signature), .. PreTokenizer.Steps.Select(s => "pre "
                + s.Signature), .. Decoder.Steps.Select(s => "decoder " + s.Signature)])
        {
            Add(step);
        }
        Add($"model {Model.IgnoresMerges} {Model.FallsBackToBytes} {Model.UnknownToken} {Model.FusesUnknown}");
        Add($"prefix {string.Join(' ', prefix)}");
        if (chat is not null)
        {
            Add($"chat {chat}");
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        // Lengths separate consecutive texts unambiguously.
        void Add(string text)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            hash.AppendData(Encoding.UTF8.GetBytes(bytes.Length.ToString(CultureInfo.InvariantCulture) + ":"));
            hash.AppendData(bytes);
        }

        static string Flags(AddedToken token) => string.Concat(
            (token.Special ? "s" : "-") + (token.LeftStrip ? "l" : "-") + (token.RightStrip ? "r" : "-") + (token.SingleWord ? "w" : "-")
                + (token.Normalized ? "n" : "-"));
    }
}
