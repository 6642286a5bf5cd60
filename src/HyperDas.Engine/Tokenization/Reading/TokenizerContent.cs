using HyperDas.Engine.Tokenization.Chat;
using HyperDas.Engine.Tokenization.Chat.Jinja;

namespace HyperDas.Engine.Tokenization.Reading;

/// <summary>What a tokenizer's folder says, ready for use: tokens by id, the finders of added tokens, prefix and chat template.</summary>
internal sealed class TokenizerContent
{
    private TokenizerContent(
        string folder, TokenizerDefinition definition, TokenizerFile file, string fileHash, TokenizerConfig config, bool chat)
    {
        Folder = folder;
        FileHash = fileHash;
        Definition = definition;
        File = file;
        Tokens = new string?[1 + Math.Max(
            definition.Vocabulary.Values.Max(), definition.AddedTokens.Select(token => token.Id).DefaultIfEmpty(-1).Max())];
        Added = new AddedToken?[Tokens.Length];
        foreach ((string token, int id) in definition.Vocabulary)
        {
            Tokens[id] = token;
        }
        Model = ModelOf(definition, file, [.. Tokens]);
        foreach (AddedToken token in definition.AddedTokens)
        {
            Tokens[token.Id] = token.Text;
            Added[token.Id] = token;
        }
        AsWritten = new AddedTokenFinder(definition.AddedTokens.Where(token => !token.Normalized).Select(token => (token, token.Text)));
        Normalized = new AddedTokenFinder(definition.AddedTokens.Where(token => token.Normalized)
            .Select(token => (token, definition.Normalizer.Apply(AlignedText.OfAny(token.Text), continues: false).Text)));
        (Bos, Eos) = SpecialTokenFinder.Find(folder, definition, Tokens.Length);
        Prefix = PromptPrefix.Of(definition, config, Bos);
        HasChatTemplate = config.ChatTemplate is not null;
        Chat = chat ? ReadChat(config.ChatTemplate) : null;
        Fingerprint = definition.Fingerprint(Prefix.Ids, Chat?.Signature);
        Warnings = [.. TokenizerWarnings.Of(definition, config, folder)];
    }

    /// <summary>Absolute path of the folder.</summary>
    internal string Folder { get; }

    /// <summary>SHA-256 of <see cref="File"/>.</summary>
    internal string FileHash { get; }

    /// <summary>SHA-256 of everything that determines ids and texts.</summary>
    internal string Fingerprint { get; }

    /// <summary>The definition.</summary>
    internal TokenizerDefinition Definition { get; }

    /// <summary>The file with the vocabulary, which errors name.</summary>
    internal TokenizerFile File { get; }

    /// <summary>The merges.</summary>
    internal BpeModel Model { get; }

    /// <summary>Spelled tokens by id; null where the vocabulary has a gap.</summary>
    internal string?[] Tokens { get; }

    /// <summary>Added tokens by id; null for the others.</summary>
    internal AddedToken?[] Added { get; }

    /// <summary>Finds added tokens in a text as it is.</summary>
    internal AddedTokenFinder AsWritten { get; }

    /// <summary>Finds added tokens in a normalised text.</summary>
    internal AddedTokenFinder Normalized { get; }

    /// <summary>Id of the beginning-of-sequence token; −1 for none.</summary>
    internal int Bos { get; }

    /// <summary>Id of the end-of-sequence token; −1 for none.</summary>
    internal int Eos { get; }

    /// <summary>The prefix of prompts.</summary>
    internal PromptPrefix Prefix { get; }

    /// <summary>Whether the folder has a chat template.</summary>
    internal bool HasChatTemplate { get; }

    /// <summary>The chat template around prompts; null where prompts are used as they are.</summary>
    internal ChatTemplate? Chat { get; }

    /// <summary>Settings of the files that aren't applied, in sentences.</summary>
    internal IReadOnlyList<string> Warnings { get; }

    /// <summary>Reads a folder.</summary>
    /// <param name="folder">The tokenizer's folder.</param>
    /// <param name="chat">Whether its chat template is needed.</param>
    /// <exception cref="HyperDasException">
    /// <c>PathNotFound</c>, <c>FileIsPointer</c>, <c>TokenizerCorrupt</c>, <c>TokenizerUnsupported</c> or <c>ChatTemplateUnsupported</c>.
    /// </exception>
    internal static TokenizerContent Read(string folder, bool chat)
    {
        folder = Path.GetFullPath(folder);
        TokenizerConfig config = TokenizerConfig.Read(folder);
        (TokenizerDefinition definition, TokenizerFile file, string hash) = TokenizerFiles.Read(folder, config);
        return new TokenizerContent(folder, definition, file, hash, config, chat);
    }

    private static BpeModel ModelOf(TokenizerDefinition definition, TokenizerFile file, string?[] tokens)
    {
        try
        {
            return new BpeModel(definition, tokens);
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException)
        {
            throw file.Corrupt($"vocabulary and merges don't match ({error.Message})", error);
        }
    }

    private ChatTemplate ReadChat(string? template)
    {
        if (template is null)
        {
            throw Refused("its files have none");
        }
        if (template.Length == 0)
        {
            throw Refused("it is empty, or neither a text nor a list of named ones with one called 'default'");
        }
        try
        {
            return ChatTemplate.Of(template, Bos >= 0 ? Tokens[Bos] ?? "" : "", Eos >= 0 ? Tokens[Eos] ?? "" : "");
        }
        catch (JinjaException e)
        {
            throw Refused(e.Message, e);
        }

        HyperDasException Refused(string why, Exception? inner = null) => new(
            "ChatTemplateUnsupported", HyperDasErrorKind.InvalidData,
            $"The chat template in '{Folder}' can't be used: {why}. Omit -ChatTemplate (target.chatTemplate in YAML) to use prompts without a template.",
            Folder, inner);
    }
}
