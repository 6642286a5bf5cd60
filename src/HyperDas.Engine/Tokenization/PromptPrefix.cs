using HyperDas.Engine.Tokenization.Reading;

namespace HyperDas.Engine.Tokenization;

/// <summary>
/// The tokens that every prompt begins with: none or the beginning-of-sequence token, as the tokenizer's files say. The one place that
/// decides it, in the order of Hugging Face's tokenizers: <c>add_bos_token</c> of <c>tokenizer_config.json</c>, else the post-processor's
/// template, else the custom of the tokenizer's class.
/// </summary>
public sealed class PromptPrefix
{
    private readonly int[] _ids;

    private PromptPrefix(int[] ids) => _ids = ids;

    /// <summary>The tokens; empty for families such as GPT-2, Pythia and Qwen.</summary>
    public IReadOnlyList<int> Ids => _ids;

    /// <summary>How many there are.</summary>
    public int Length => _ids.Length;

    /// <summary>The prefix and what follows it.</summary>
    /// <param name="ids">Tokens of a text.</param>
    public int[] Before(IEnumerable<int> ids) => [.. _ids, .. ids];

    /// <summary>Decides.</summary>
    /// <param name="definition">The tokenizer.</param>
    /// <param name="config">What <c>tokenizer_config.json</c> says.</param>
    /// <param name="bos">Id of the beginning-of-sequence token; −1 where none is named.</param>
    /// <exception cref="HyperDasException"><c>TokenizerCorrupt</c>: a token is asked for that isn't there.</exception>
    internal static PromptPrefix Of(TokenizerDefinition definition, TokenizerConfig config, int bos)
    {
        bool? asked = config.AddsBos;
        if (asked is null && definition.Template is { } template)
        {
            return new PromptPrefix([.. IdsOf(template.Before, definition, config)]);
        }
        // The classes of Llama and Gemma put it without being asked; without a class these are the ones that the files' style belongs to.
        if (asked ?? (config.AddsBosByCustom(definition) && bos >= 0))
        {
            return bos >= 0
                ? new PromptPrefix([bos])
                : throw config.Corrupt("it has \"add_bos_token\": true, and no file names a \"bos_token\" that the tokenizer has");
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
