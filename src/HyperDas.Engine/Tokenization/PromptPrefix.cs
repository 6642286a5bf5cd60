using HyperDas.Engine.Tokenization.Reading;

namespace HyperDas.Engine.Tokenization;

/// <summary>
/// The tokens with which every prompt begins: none or the beginning-of-sequence token, as the tokenizer's files specify. The precedence is
/// that of Hugging Face's tokenizers: <c>add_bos_token</c> of <c>tokenizer_config.json</c>, then the post-processor's template, then the
/// convention of the tokenizer's class.
/// </summary>
public sealed class PromptPrefix
{
    private readonly int[] _ids;

    private PromptPrefix(int[] ids) => _ids = ids;

    /// <summary>The tokens; empty for families such as GPT-2, Pythia and Qwen.</summary>
    public IReadOnlyList<int> Ids => _ids;

    /// <summary>Number of tokens.</summary>
    public int Length => _ids.Length;

    /// <summary>The prefix followed by other tokens.</summary>
    /// <param name="ids">Tokens of a text.</param>
    public int[] Before(IEnumerable<int> ids) => [.. _ids, .. ids];

    /// <summary>Determines the prefix.</summary>
    /// <param name="definition">The tokenizer.</param>
    /// <param name="config">The content of <c>tokenizer_config.json</c>.</param>
    /// <param name="bos">Id of the beginning-of-sequence token; −1 where none is named.</param>
    /// <exception cref="HyperDasException"><c>TokenizerCorrupt</c>: a token is asked for that isn't there.</exception>
    internal static PromptPrefix Of(TokenizerDefinition definition, TokenizerConfig config, int bos)
    {
        bool? asked = config.AddsBos;
        if (asked is null && definition.Template is { } template)
        {
            return new PromptPrefix([.. IdsOf(template.Before, definition, config)]);
        }
        // The classes of Llama and Gemma add it by default; without a class, they are recognised by the style of the files.
        if (asked ?? (config.AddsBosByCustom(definition) && bos >= 0))
        {
            return bos >= 0
                ? new PromptPrefix([bos])
                : throw config.Corrupt("it has \"add_bos_token\": true, but no file specifies a \"bos_token\" in the vocabulary");
        }
        return new PromptPrefix([]);
    }

    private static IEnumerable<int> IdsOf(IReadOnlyList<string> names, TokenizerDefinition definition, TokenizerConfig config)
    {
        Dictionary<string, int>? ids = null;
        foreach (string name in names)
        {
            ids ??= definition.Ids();
            yield return ids.TryGetValue(name, out int id)
                ? id
                : throw config.Corrupt($"the post_processor's template puts '{name}' before every text, which isn't a token");
        }
    }
}
