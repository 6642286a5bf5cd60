using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using HyperDas.Engine.Files;
using Microsoft.ML.Tokenizers;

namespace HyperDas.Engine.Tokenization;

/// <summary>
/// A target model's tokenizer. It adds no beginning-of-sequence token by itself (callers put exactly one, spec/hyperdas 1.1) and never
/// reads special tokens out of text: <c>&lt;|begin_of_text|&gt;</c> typed by a user is plain text. Safe to use from several threads.
/// </summary>
public sealed class Tokenizer
{
    /// <summary>Name of the file inside a model's folder.</summary>
    public const string FileName = "tokenizer.json";

    private readonly TokenizerDefinition _definition;
    private readonly BpeTokenizer _merger;
    private readonly string?[] _tokens;
    private readonly bool[] _isAdded;
    private readonly bool[] _isSpecial;
    private readonly int _bos;
    private readonly int _eos;

    private Tokenizer(string folder, TokenizerDefinition definition, BpeTokenizer merger, string fingerprint)
    {
        Folder = folder;
        Fingerprint = fingerprint;
        _definition = definition;
        _merger = merger;
        VocabularySize = 1 + Math.Max(definition.Vocabulary.Values.Max(), definition.AddedTokens.Select(token => token.Id).DefaultIfEmpty(-1).Max());
        _tokens = new string?[VocabularySize];
        _isAdded = new bool[VocabularySize];
        _isSpecial = new bool[VocabularySize];
        foreach ((string token, int id) in definition.Vocabulary)
        {
            _tokens[id] = token;
        }
        foreach ((int id, string text, bool special) in definition.AddedTokens)
        {
            _tokens[id] = text;
            _isAdded[id] = true;
            _isSpecial[id] = special;
        }
        (_bos, _eos) = SpecialTokenFinder.Find(folder, definition, VocabularySize);
    }

    /// <summary>Absolute folder that the tokenizer came from.</summary>
    public string Folder { get; }

    /// <summary>SHA-256 of <c>tokenizer.json</c>, in lower-case hexadecimal.</summary>
    public string Fingerprint { get; }

    /// <summary>One more than the largest token id. A model's embedding may have more rows.</summary>
    public int VocabularySize { get; }

    /// <summary>Whether the folder names a beginning-of-sequence token.</summary>
    public bool HasBos => _bos >= 0;

    /// <summary>Id of the beginning-of-sequence token.</summary>
    /// <exception cref="HyperDasException"><c>TokenizerUnsupported</c>: there is none.</exception>
    public int BosId => _bos >= 0 ? _bos : throw Lacks("beginning-of-sequence", "bos_token");

    /// <summary>Id of the end-of-sequence token.</summary>
    /// <exception cref="HyperDasException"><c>TokenizerUnsupported</c>: there is none.</exception>
    public int EosId => _eos >= 0 ? _eos : throw Lacks("end-of-sequence", "eos_token");

    /// <summary>Id that fills up shorter rows: the end-of-sequence token, as in the original (spec/hyperdas 1.1).</summary>
    /// <exception cref="HyperDasException"><c>TokenizerUnsupported</c>: there is no end-of-sequence token.</exception>
    public int PadId => EosId;

    /// <summary>Opens the tokenizer of a Hugging Face folder.</summary>
    /// <param name="folder">Folder with <c>tokenizer.json</c>.</param>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>, <c>TokenizerCorrupt</c> or <c>TokenizerUnsupported</c>.</exception>
    public static Tokenizer Load(string folder)
    {
        folder = Path.GetFullPath(folder);
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            string what = Directory.Exists(folder) ? $"The folder '{folder}' has no tokenizer.json" : $"The folder '{folder}' doesn't exist";
            throw new HyperDasException("PathNotFound", HyperDasErrorKind.NotFound, $"{what}; a Hugging Face model folder with a tokenizer.json is needed.", path);
        }
        byte[] content = WholeFile.Read(path, StrictJson.MaxBytes, "TokenizerCorrupt");
        TokenizerJsonReader reader = new(path);
        TokenizerDefinition definition = reader.Read(content);
        BpeTokenizer merger;
        try
        {
            merger = BpeTokenizer.Create(new BpeOptions(definition.Vocabulary) { Merges = definition.Merges, ByteLevel = true });
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException)
        {
            throw reader.Corrupt($"vocabulary and merges don't fit together ({error.Message})", error);
        }
        return new Tokenizer(folder, definition, merger, Convert.ToHexStringLower(SHA256.HashData(content)));
    }

    /// <summary>Token ids of a text, without a beginning-of-sequence token. A text without characters has no tokens.</summary>
    /// <param name="text">Any text; lone surrogates count as U+FFFD.</param>
    public int[] Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<int> ids = new(8 + text.Length / 3);
        string ready = Prepare(text).Text;
        foreach ((int start, int end) in Split(ready))
        {
            EncodePiece(ready[start..end], ids);
        }
        return [.. ids];
    }

    /// <summary>
    /// Token ids of a text in which the names of special tokens stand for those tokens, as the reference tokenizer reads every text.
    /// For texts that a program wrote, e.g. chat templates; never for what a user typed.
    /// </summary>
    /// <param name="text">Text with special tokens by name.</param>
    public int[] EncodeMarkedUp(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<int> ids = [];
        int done = 0;
        while (done < text.Length)
        {
            (int at, (int Id, string Text, bool Special) token) = NextMark(text, done);
            ids.AddRange(Encode(text[done..at]));
            if (at < text.Length)
            {
                ids.Add(token.Id);
            }
            done = at + token.Text.Length;
        }
        return [.. ids];
    }

    /// <summary>Tokens of a text with the characters that each covers, without a beginning-of-sequence token.</summary>
    /// <param name="text">Any text; lone surrogates count as U+FFFD.</param>
    public IReadOnlyList<TokenSpan> EncodeWithOffsets(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<TokenSpan> spans = new(8 + text.Length / 3);
        List<int> ids = [];
        ComposedText ready = Prepare(text);
        foreach ((int start, int end) in Split(ready.Text))
        {
            ids.Clear();
            EncodePiece(ready.Text[start..end], ids);
            int[] charOfByte = CharOfByte(ready.Text, start, end);
            int used = 0;
            foreach (int id in ids)
            {
                // A vocabulary token has one character of the byte alphabet for each byte.
                int next = used + _tokens[id]!.Length;
                int last = charOfByte[next - 1];
                int stop = last + (char.IsSurrogatePair(ready.Text, last) ? 2 : 1);
                (int from, int to) = ready.Original(charOfByte[used], stop);
                spans.Add(new TokenSpan(id, from, to));
                used = next;
            }
        }
        return spans;
    }

    /// <summary>The text of token ids; special tokens are left out and broken characters become U+FFFD.</summary>
    /// <param name="ids">Token ids; ids without a token are left out.</param>
    public string Decode(IEnumerable<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        List<byte> bytes = [];
        foreach (int id in ids)
        {
            if ((uint)id < (uint)VocabularySize && _tokens[id] is not null && !_isSpecial[id])
            {
                bytes.AddRange(BytesOf(id));
            }
        }
        return Encoding.UTF8.GetString([.. bytes]);
    }

    /// <summary>One token for display: its text, a special token's name, or <c>[id]</c> where the vocabulary has a gap.</summary>
    /// <param name="id">Token id.</param>
    public string TokenText(int id) =>
        (uint)id < (uint)VocabularySize && _tokens[id] is not null ? Encoding.UTF8.GetString(BytesOf(id)) : $"[{id}]";

    /// <summary>Whether a token is special: a mark that no text encodes to.</summary>
    /// <param name="id">Token id.</param>
    public bool IsSpecial(int id) => (uint)id < (uint)VocabularySize && _isSpecial[id];

    private byte[] BytesOf(int id) => _isAdded[id] ? Encoding.UTF8.GetBytes(_tokens[id]!) : ByteAlphabet.Bytes(_tokens[id]!);

    private List<(int Start, int End)> Split(string text)
    {
        try
        {
            return _definition.Splitter.Split(text);
        }
        catch (RegexMatchTimeoutException error)
        {
            throw new HyperDasException(
                "TokenizerUnsupported", HyperDasErrorKind.InvalidData,
                $"The tokenizer '{Path.Combine(Folder, FileName)}' can't be used: the pattern '{error.Pattern}' of its pre_tokenizer doesn't come to an end on a text of {text.Length} characters.", Folder, error);
        }
    }

    private ComposedText Prepare(string text)
    {
        string whole = WithoutLoneSurrogates(text);
        return _definition.Composes ? ComposedText.Compose(whole) : ComposedText.Same(whole);
    }

    private void EncodePiece(string piece, List<int> ids)
    {
        if (_definition.IgnoresMerges && _definition.Vocabulary.TryGetValue(ByteAlphabet.Spell(piece), out int whole) && !_isAdded[whole])
        {
            ids.Add(whole);
            return;
        }
        ids.AddRange(_merger.EncodeToIds(piece, considerPreTokenization: false, considerNormalization: false));
    }

    /// <summary>The first name of an added token from <paramref name="start"/> on, the longest where several begin.</summary>
    private (int At, (int Id, string Text, bool Special) Token) NextMark(string text, int start)
    {
        (int At, (int Id, string Text, bool Special) Token) best = (text.Length, (-1, "", false));
        foreach ((int Id, string Text, bool Special) token in _definition.AddedTokens)
        {
            int at = text.IndexOf(token.Text, start, StringComparison.Ordinal);
            if (at >= 0 && token.Text.Length > 0 && (at < best.At || (at == best.At && token.Text.Length > best.Token.Text.Length)))
            {
                best = (at, token);
            }
        }
        return best;
    }

    private static string WithoutLoneSurrogates(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            return text;
        }
        char[] chars = text.ToCharArray();
        for (int i = 0; i < chars.Length; i++)
        {
            if (char.IsSurrogatePair(text, i))
            {
                i++;
            }
            else if (char.IsSurrogate(chars[i]))
            {
                chars[i] = '\uFFFD';
            }
        }
        return new string(chars);
    }

    private static int[] CharOfByte(string text, int start, int end)
    {
        List<int> chars = new(end - start);
        for (int i = start; i < end;)
        {
            Rune rune = Rune.GetRuneAt(text, i);
            for (int k = 0; k < rune.Utf8SequenceLength; k++)
            {
                chars.Add(i);
            }
            i += rune.Utf16SequenceLength;
        }
        return [.. chars];
    }

    private HyperDasException Lacks(string what, string key) => new(
        "TokenizerUnsupported", HyperDasErrorKind.InvalidData,
        $"The tokenizer in '{Folder}' names no {what} token; set \"{key}\" in its tokenizer_config.json or \"{key}_id\" in config.json.", Folder);
}
