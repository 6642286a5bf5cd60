namespace HyperDas.Engine.LanguageModels;

/// <summary>Checks user prompts for likely mistakes; each is reported once.</summary>
/// <param name="model">The target model.</param>
public sealed class PromptCheck(LanguageModel model)
{
    private readonly HashSet<string> _said = new(StringComparer.Ordinal);
    private bool _saidLong, _saidBlank;

    /// <summary>Remarks about a prompt, in sentences.</summary>
    /// <param name="prompt">The text.</param>
    /// <param name="tokens">Its number of tokens.</param>
    /// <param name="newTokens">The number of tokens to generate.</param>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>, <c>TokenizerCorrupt</c>, <c>TokenizerUnsupported</c>: the model has no
    /// tokenizer that can be used.</exception>
    public IEnumerable<string> Of(string prompt, int tokens, int newTokens = 0)
    {
        foreach (string name in model.Tokenizer.SpecialNames(prompt).Where(_said.Add))
        {
            yield return $"A prompt contains '{name}', the name of a special token. It is treated as plain text, not as the token.";
        }
        if (!_saidBlank && prompt.EndsWith(' ') && model.Tokenizer.TakesLastBlankApart(prompt))
        {
            _saidBlank = true;
            yield return $"A prompt ends in a blank, which '{model.Name}' reads as a token of its own; its words begin with their blank, so the answer may be another than the model would give. Leave the blank at the end out: \"{Shown(prompt.TrimEnd(' '))}\".";
        }
        if (!_saidLong && tokens + (long)newTokens > model.Config.MaxPositions)
        {
            _saidLong = true;
            string more = newTokens > 0 ? $" and {newTokens} new ones" : "";
            yield return $"A prompt has {tokens} tokens{more}; '{model.Name}' supports at most {model.Config.MaxPositions} (max_position_embeddings), and its answers beyond that are unreliable.";
        }
    }

    private static string Shown(string prompt) => prompt.Length > 40 ? "…" + prompt[^40..] : prompt;
}
