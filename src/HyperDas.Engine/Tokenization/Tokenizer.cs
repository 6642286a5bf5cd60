using System.Text.RegularExpressions;
using HyperDas.Engine.Tokenization.Chat;
using HyperDas.Engine.Tokenization.Reading;

namespace HyperDas.Engine.Tokenization;

/// <summary>
/// A target model's tokenizer. It doesn't add a beginning-of-sequence token itself (see <see cref="Prefix"/>) and never parses special
/// tokens in text: <c>&lt;|begin_of_text|&gt;</c> typed by a user is plain text. Thread-safe.
/// </summary>
public sealed class Tokenizer
{
    /// <summary>Name of the file inside a model's folder.</summary>
    public const string FileName = TokenizerFiles.JsonName;

    private readonly TokenizerContent _content;
    private readonly TokenizerDefinition _definition;
    private readonly Lazy<bool> _joinsBlanks;

    private Tokenizer(TokenizerContent content)
    {
        _content = content;
        _definition = content.Definition;
        // In a text of two letters with a blank between, whether a token begins with the blank and has more.
        _joinsBlanks = new Lazy<bool>(() => "taTA".Any(letter =>
            Run($"a {letter}", readsSpecial: false, continues: false) is [.., var last] && last is { Start: 1, End: 3 }));
    }

    /// <summary>Absolute path of the tokenizer's folder.</summary>
    public string Folder => _content.Folder;

    /// <summary>
    /// SHA-256 of everything that determines ids and texts, in lower-case hexadecimal: independent of the spelling in the files. See
    /// <see cref="IsSame"/>.
    /// </summary>
    public string Fingerprint => _content.Fingerprint;

    /// <summary>SHA-256 of the tokenizer's file itself, which earlier versions used as its fingerprint.</summary>
    public string FileHash => _content.FileHash;

    /// <summary>One more than the largest token id. A model's embedding may have more rows.</summary>
    public int VocabularySize => _content.Tokens.Length;

    /// <summary>Number of a model's tokens that the tokenizer has.</summary>
    /// <param name="count">Number of the model's tokens; their ids are smaller.</param>
    internal int TokensBelow(int count) => _content.Tokens.Take(count).Count(token => token is not null);

    /// <summary>The prefix of prompts: nothing, or the beginning-of-sequence token.</summary>
    public PromptPrefix Prefix => _content.Prefix;

    /// <summary>Whether the folder has a chat template.</summary>
    public bool HasChatTemplate => _content.HasChatTemplate;

    /// <summary>The chat template around prompts; null where prompts are used as they are.</summary>
    public ChatTemplate? Chat => _content.Chat;

    /// <summary>Settings of the files that aren't applied, in sentences.</summary>
    public IReadOnlyList<string> Warnings => _content.Warnings;

    /// <summary>
    /// Whether the folder names a beginning-of-sequence token. <see cref="Prefix"/> determines whether prompts begin with it.
    /// </summary>
    public bool HasBos => _content.Bos >= 0;

    /// <summary>Id of the beginning-of-sequence token.</summary>
    /// <exception cref="HyperDasException"><c>TokenizerUnsupported</c>: there is none.</exception>
    public int BosId => HasBos ? _content.Bos : throw Lacks("beginning-of-sequence", "bos_token");

    /// <summary>Whether the folder names an end-of-sequence token.</summary>
    public bool HasEos => _content.Eos >= 0;

    /// <summary>Id of the end-of-sequence token.</summary>
    /// <exception cref="HyperDasException"><c>TokenizerUnsupported</c>: there is none.</exception>
    public int EosId => HasEos ? _content.Eos : throw Lacks("end-of-sequence", "eos_token");

    /// <summary>Id of the padding: the end-of-sequence token, as in the original (docs/methods.md#tokens-and-what-is-visible).</summary>
    /// <exception cref="HyperDasException"><c>TokenizerUnsupported</c>: there is no end-of-sequence token.</exception>
    public int PadId => EosId;

    /// <summary>Whether a folder has a tokenizer's files.</summary>
    /// <param name="folder">The folder.</param>
    public static bool Exists(string folder) => TokenizerFiles.Find(folder) is not null;

    /// <summary>Opens the tokenizer of a Hugging Face folder.</summary>
    /// <param name="folder">Folder with <c>tokenizer.json</c>, or <c>tokenizer.model</c>, or <c>vocab.json</c>
    /// and <c>merges.txt</c>.</param>
    /// <param name="chat">Whether prompts are wrapped in the folder's chat template.</param>
    /// <exception cref="HyperDasException">
    /// <c>PathNotFound</c>, <c>FileIsPointer</c>, <c>TokenizerCorrupt</c>, <c>TokenizerUnsupported</c> or <c>ChatTemplateUnsupported</c>.
    /// </exception>
    public static Tokenizer Load(string folder, bool chat = false) => new(TokenizerContent.Read(folder, chat));

    /// <summary>Whether a stored fingerprint belongs to this tokenizer: its <see cref="Fingerprint"/> or the hash of the file.</summary>
    /// <param name="fingerprint">The stored fingerprint.</param>
    public bool IsSame(string? fingerprint) => fingerprint == Fingerprint || (Chat is null && fingerprint == FileHash);

    /// <summary>Token ids of a prompt including the prefix or the chat template.</summary>
    /// <param name="prompt">Any text; names of special tokens in it are plain text.</param>
    public int[] EncodePrompt(string prompt) => Ids(RunPrompt(prompt));

    /// <summary>
    /// The same with the characters of the prompt that each token covers: those of tokens before the prompt end at 0; those of tokens after
    /// it begin at its end and end one character later.
    /// </summary>
    /// <param name="prompt">Any text.</param>
    public IReadOnlyList<TokenSpan> EncodePromptWithOffsets(string prompt) => RunPrompt(prompt);

    /// <summary>Token ids of an answer right after a prompt in the chat template.</summary>
    /// <param name="answer">The answer.</param>
    /// <exception cref="InvalidOperationException">There is no chat template.</exception>
    public int[] EncodeAnswer(string answer) =>
        EncodeContinuation((Chat ?? throw new InvalidOperationException("Prompts aren't wrapped.")).Lead + answer);

    /// <summary>Token ids of a text, without the prefix. An empty text has no tokens.</summary>
    /// <param name="text">Any text; lone surrogates count as U+FFFD.</param>
    public int[] Encode(string text) => Ids(Run(text, readsSpecial: false, continues: false));

    /// <summary>
    /// Token ids of a text that continues another. Where a tokenizer puts a space before every text, as Llama-2's does, none is added here:
    /// <c>" Austria"</c> after <c>"is in"</c> is one word, and <c>"Austria"</c> after <c>"("</c> has no space.
    /// </summary>
    /// <param name="text">Any text; lone surrogates count as U+FFFD.</param>
    public int[] EncodeContinuation(string text) => Ids(Run(text, readsSpecial: false, continues: true));

    /// <summary>
    /// Token ids of a text in which the names of special tokens represent those tokens, as the reference tokenizer reads every text. For
    /// texts from programs, e.g. chat templates; never for user input.
    /// </summary>
    /// <param name="text">Text with special tokens by name.</param>
    public int[] EncodeMarkedUp(string text) => Ids(Run(text, readsSpecial: true, continues: false));

    /// <summary>Tokens of a text with the characters that each covers, without the prefix.</summary>
    /// <param name="text">Any text; lone surrogates count as U+FFFD.</param>
    /// <param name="readsSpecial">Whether names of special tokens represent those tokens, as in <see cref="EncodeMarkedUp"/>.</param>
    public IReadOnlyList<TokenSpan> EncodeWithOffsets(string text, bool readsSpecial = false) => Run(text, readsSpecial, continues: false);

    /// <summary>Names of special tokens in a text, each once; <see cref="Encode"/> treats them as plain text.</summary>
    /// <param name="text">Any text.</param>
    public IReadOnlyList<string> SpecialNames(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return [.. _content.AsWritten.Special(text).Concat(_content.Normalized.Special(text)).Select(token => token.Text).Distinct()];
    }

    /// <summary>
    /// Whether the blank at the end of a prompt is a separate token although words begin with the blank before them, as in most
    /// tokenizers: the model hasn't learned what follows such a prompt.
    /// </summary>
    /// <param name="prompt">Any text.</param>
    internal bool TakesLastBlankApart(string prompt)
    {
        if (Chat is not null || !_joinsBlanks.Value)
        {
            return false;
        }
        IReadOnlyList<TokenSpan> spans = Run(prompt, readsSpecial: false, continues: false);
        return spans.Count > 1 && prompt[spans[^1].Start..].All(c => c == ' ') && spans[^1].Start > 0;
    }

    /// <summary>The text of token ids; special tokens are omitted and invalid characters become U+FFFD.</summary>
    /// <param name="ids">Token ids; unknown ids are omitted.</param>
    public string Decode(IEnumerable<int> ids) => _definition.Decoder.Decode(Spelled(ids, withSpecial: false), continues: false);

    /// <summary>The text of token ids that continue a prompt: as <see cref="Decode"/>, with the space before the first word.</summary>
    /// <param name="ids">Token ids; unknown ids are omitted.</param>
    public string DecodeContinuation(IEnumerable<int> ids) => _definition.Decoder.Decode(Spelled(ids, withSpecial: false), continues: true);

    /// <summary>The text of token ids, with special tokens by name.</summary>
    /// <param name="ids">Token ids; unknown ids are omitted.</param>
    public string DecodeMarkedUp(IEnumerable<int> ids) => _definition.Decoder.Decode(Spelled(ids, withSpecial: true), continues: false);

    /// <summary>One token for display: its text, a special token's name, or <c>[id]</c> where the vocabulary has a gap.</summary>
    /// <param name="id">Token id.</param>
    public string TokenText(int id)
    {
        if ((uint)id >= (uint)VocabularySize || _content.Tokens[id] is not string token)
        {
            return $"[{id}]";
        }
        if (_content.Added[id] is not null)
        {
            return token;
        }
        string text = _definition.Decoder.Decode([token], continues: true);
        // For a byte of a multibyte character, the token's name is more informative.
        return text == "\uFFFD" && Steps.TokenDecoder.ByteFallback.ByteOf(token) is not null ? token : text;
    }

    /// <summary>Whether a token is special: a control token that no text encodes to.</summary>
    /// <param name="id">Token id.</param>
    public bool IsSpecial(int id) => (uint)id < (uint)VocabularySize && _content.Added[id] is { Special: true };

    private static int[] Ids(List<TokenSpan> spans) => [.. spans.Select(span => span.Id)];

    private IEnumerable<string> Spelled(IEnumerable<int> ids, bool withSpecial)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return ids.Where(id => (uint)id < (uint)VocabularySize && _content.Tokens[id] is not null && (withSpecial || !IsSpecial(id)))
            .Select(id => _content.Tokens[id]!);
    }

    private List<TokenSpan> RunPrompt(string prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        if (Chat is null)
        {
            return [.. Prefix.Ids.Select(id => new TokenSpan(id, 0, 0)), .. Run(prompt, readsSpecial: false, continues: false)];
        }
        (string text, int start, int length, int dropped) = Chat.Wrap(prompt);
        List<TokenSpan> spans = Run(text, (from, to) => to <= start || from >= start + length, continues: false);
        return [.. spans.Select(s => s.End <= start ? new TokenSpan(s.Id, 0, 0)
            : s.Start >= start + length ? new TokenSpan(s.Id, prompt.Length, prompt.Length + 1)
            : new TokenSpan(s.Id, Place(s.Start), Place(s.End)))];

        int Place(int at) => at <= start ? 0 : at >= start + length ? prompt.Length : at - start + dropped;
    }

    private List<TokenSpan> Run(string text, bool readsSpecial, bool continues) =>
        Run(text, readsSpecial ? (_, _) => true : null, continues);

    // Range of characters in which special tokens are parsed; null: nowhere.
    private List<TokenSpan> Run(string text, Func<int, int, bool>? readsSpecial, bool continues)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<TokenSpan> spans = new(8 + (text.Length / 3));
        try
        {
            AlignedText whole = AlignedText.OfAny(text);
            Cut(_content.AsWritten, whole, part => Cut(_content.Normalized, _definition.Normalizer.Apply(part, continues), Encode));
        }
        catch (RegexMatchTimeoutException error)
        {
            throw _content.File.Unsupported(
                $"its pattern '{error.Pattern}' doesn't terminate on a text of {text.Length} characters", error);
        }
        return spans;

        void Encode(AlignedText part)
        {
            foreach (AlignedText piece in _definition.PreTokenizer.Cut(part, continues))
            {
                _content.Model.Encode(piece, spans);
            }
        }

        void Cut(AddedTokenFinder finder, AlignedText part, Action<AlignedText> between)
        {
            if (finder.IsEmpty)
            {
                between(part);
                return;
            }
            foreach ((AddedToken? token, int start, int end) in finder.Cut(
                part.Text, readsSpecial is null ? null : (from, to) => part.Original(from, to) is var (first, last)
                    && readsSpecial(first, last)))
            {
                if (token is null)
                {
                    between(part.Slice(start, end));
                    continue;
                }
                (int from, int to) = part.Original(start, end);
                spans.Add(new TokenSpan(token.Id, from, to));
            }
        }
    }

    private HyperDasException Lacks(string what, string key) => new(
        "TokenizerUnsupported", HyperDasErrorKind.InvalidData,
        $"The tokenizer in '{Folder}' has no {what} token; set \"{key}\" in its tokenizer_config.json or \"{key}_id\" in config.json.",
        Folder);
}
