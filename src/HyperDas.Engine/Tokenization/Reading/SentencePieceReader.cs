using System.Buffers.Text;
using HyperDas.Engine.Tokenization.Steps;

namespace HyperDas.Engine.Tokenization.Reading;

/// <summary>
/// Reads SentencePiece's <c>tokenizer.model</c> where there is no <c>tokenizer.json</c>, by the rules of Hugging Face's converter: both
/// files give the same ids.
/// </summary>
/// <param name="file">The file, for messages.</param>
/// <param name="config">The folder's <c>tokenizer_config.json</c>.</param>
internal sealed class SentencePieceReader(TokenizerFile file, TokenizerConfig config)
{
    private const int Bpe = 2, Unknown = 2, Control = 3, UserDefined = 4;

    private readonly List<(string Text, float Score, int Type)> _pieces = [];
    private int _modelType = 1;
    private bool _byteFallback;
    private bool _addsDummyPrefix = true;
    private bool _removesExtraSpaces = true;
    private bool _hasCharacterMap;
    private string _normalization = "";

    /// <exception cref="HyperDasException"><c>TokenizerCorrupt</c> or <c>TokenizerUnsupported</c>.</exception>
    internal TokenizerDefinition Read(byte[] content)
    {
        try
        {
            ReadModel(content);
        }
        catch (FormatException error)
        {
            throw IsTiktokens(content)
                ? file.Unsupported("it is a tiktoken list; use the same model's tokenizer.json")
                : file.Corrupt($"it isn't a SentencePiece model: {error.Message}", error);
        }
        RefuseUnsupported();
        Dictionary<string, int> vocabulary = Vocabulary();
        bool prefixes = config.AddsPrefixSpace ?? _addsDummyPrefix, legacy = config.Legacy ?? true;
        CodePointPattern space = CodePointPattern.Literal(" ");
        return new TokenizerDefinition(
            vocabulary,
            SentencePieceMerges.Of(_pieces.ConvertAll(piece => (piece.Text, piece.Score)), vocabulary),
            AddedTokens(),
            legacy
                ? new Normalizer([.. prefixes ? [new Normalizer.Prepend("▁")] : (Normalizer.Step[])[], new Normalizer.Replace(space, "▁")])
                : Normalizer.None,
            legacy
                ? new PreTokenizer([])
                : new PreTokenizer([new PreTokenizer.Metaspace(
                    "▁", prefixes ? PreTokenizer.MetaspacePrefix.First : PreTokenizer.MetaspacePrefix.Never, Cuts: false)]),
            new BpeSettings(
                FallsBackToBytes: _byteFallback, UnknownToken: _pieces.Find(piece => piece.Type == Unknown).Text, FusesUnknown: true),
            TokenDecoder.ForMarks(prefixes),
            Template: null);
    }

    // Each line is a token in Base64, a blank, and its rank: Llama 3's own files use this format under SentencePiece's file name.
    private static bool IsTiktokens(ReadOnlySpan<byte> content)
    {
        int end = content.IndexOf((byte)'\n');
        int blank = end < 0 ? -1 : content[..end].IndexOf((byte)' ');
        return blank > 0 && Base64.IsValid(content[..blank]) && Utf8Parser.TryParse(content[(blank + 1)..end], out int _, out int _);
    }

    private void ReadModel(ReadOnlySpan<byte> content)
    {
        ProtobufReader model = new(content);
        while (model.Next())
        {
            ProtobufReader part = new(model.Bytes);
            switch (model.Field)
            {
                case 1:
                    (string text, float score, int type) = ("", 0, 1);
                    while (part.Next())
                    {
                        text = part.Field == 1 ? part.Text() : text;
                        score = part.Field == 2 ? part.Single : score;
                        type = part.Field == 3 ? (int)part.Number : type;
                    }
                    _pieces.Add((text, score, type));
                    break;
                case 2:
                    while (part.Next())
                    {
                        _modelType = part.Field == 3 ? (int)part.Number : _modelType;
                        _byteFallback = part.Field == 35 ? part.Number != 0 : _byteFallback;
                    }
                    break;
                case 3:
                    while (part.Next())
                    {
                        _normalization = part.Field == 1 ? part.Text() : _normalization;
                        _hasCharacterMap |= part.Field == 2 && part.Bytes.Length > 0;
                        _addsDummyPrefix = part.Field == 3 ? part.Number != 0 : _addsDummyPrefix;
                        _removesExtraSpaces = part.Field == 4 ? part.Number != 0 : _removesExtraSpaces;
                    }
                    break;
            }
        }
        if (_pieces.Count is 0 or > VocabularyReader.MaxTokens)
        {
            throw new FormatException($"it has {_pieces.Count} pieces");
        }
    }

    private void RefuseUnsupported()
    {
        if (_modelType != Bpe)
        {
            throw file.Unsupported($"its model is of type {(_modelType == 1 ? "unigram" : _modelType)}; only BPE is supported");
        }
        if (_hasCharacterMap)
        {
            throw file.Unsupported($"its normalisation '{_normalization}' maps characters by a table; only 'identity' is supported");
        }
        if (_removesExtraSpaces)
        {
            throw file.Unsupported("its normalisation removes extra white space (remove_extra_whitespaces), which isn't supported");
        }
        if (!_pieces.Exists(piece => piece.Type == Unknown))
        {
            throw file.Corrupt("it has no piece for unknown characters");
        }
    }

    private Dictionary<string, int> Vocabulary()
    {
        Dictionary<string, int> vocabulary = new(_pieces.Count, StringComparer.Ordinal);
        for (int id = 0; id < _pieces.Count; id++)
        {
            string text = _pieces[id].Text;
            if (text.Length == 0 || !vocabulary.TryAdd(text, id))
            {
                throw file.Corrupt(text.Length == 0 ? $"its piece {id} has no text" : $"its piece {id}, '{text}', occurs twice");
            }
        }
        return vocabulary;
    }

    private List<AddedToken> AddedTokens()
    {
        Dictionary<int, AddedToken> tokens = [];
        for (int id = 0; id < _pieces.Count; id++)
        {
            (string text, _, int type) = _pieces[id];
            if (type is Unknown or Control or UserDefined)
            {
                tokens[id] = new AddedToken(id, text, Special: type != UserDefined);
            }
        }
        foreach (AddedToken token in config.AddedTokens)
        {
            if (token.Id < _pieces.Count && _pieces[token.Id].Text != token.Text)
            {
                throw config.Corrupt(
                    $"'added_tokens_decoder' gives the id {token.Id} to '{token.Text}'; in '{file.Path}' it is '{_pieces[token.Id].Text}'");
            }
            tokens[token.Id] = token;
        }
        return [.. tokens.Values.OrderBy(token => token.Id)];
    }
}
