namespace HyperDas.Engine.LanguageModels;

/// <summary>Looks at prompts that people wrote for what is likely not meant; each thing is said once.</summary>
/// <param name="model">The target model.</param>
public sealed class PromptCheck(LanguageModel model)
{
    private readonly HashSet<string> _said = new(StringComparer.Ordinal);
    private bool _saidLong;

    /// <summary>What to tell about a prompt, in sentences.</summary>
    /// <param name="prompt">The text.</param>
    /// <param name="tokens">How many tokens it has.</param>
    /// <param name="newTokens">How many tokens it is to be continued by.</param>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>, <c>TokenizerCorrupt</c>, <c>TokenizerUnsupported</c>: the model has no
    /// tokenizer that can be used.</exception>
    public IEnumerable<string> Of(string prompt, int tokens, int newTokens = 0)
    {
        foreach (string name in model.Tokenizer.SpecialNames(prompt).Where(_said.Add))
        {
            yield return $"A prompt holds '{name}', the name of a special token. It is read as plain text; '{model.Name}' doesn't see the token itself.";
        }
        if (!_saidLong && tokens + (long)newTokens > model.Config.MaxPositions)
        {
            _saidLong = true;
            string more = newTokens > 0 ? $" and is to be continued by {newTokens}" : "";
            yield return $"A prompt has {tokens} tokens{more}; '{model.Name}' was made for at most {model.Config.MaxPositions} (max_position_embeddings), and its answers beyond that mean little.";
        }
    }
}
