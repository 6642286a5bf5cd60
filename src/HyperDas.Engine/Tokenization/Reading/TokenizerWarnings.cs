namespace HyperDas.Engine.Tokenization.Reading;

/// <summary>Settings of a tokenizer's files that aren't applied.</summary>
internal static class TokenizerWarnings
{
    /// <summary>The warnings, each a sentence.</summary>
    internal static IEnumerable<string> Of(TokenizerDefinition definition, TokenizerConfig config, string folder)
    {
        bool addsEos = config.AddsEos ?? false;
        if (addsEos || (config.AddsEos is null && definition.Template?.After.Count > 0))
        {
            string what = addsEos ? "the end-of-sequence token" : $"'{string.Join("', '", definition.Template!.After)}'";
            yield return $"The tokenizer in '{folder}' appends {what} to every text. It is omitted, because prompts are continued.";
        }
        Dictionary<string, int> ids = definition.Ids();
        foreach (string name in config.Named.Union(config.Additional).Where(name => !ids.ContainsKey(name)))
        {
            yield return $"The tokenizer_config.json in '{folder}' names the special token '{name}', which the tokenizer doesn't have; it is ignored.";
        }
    }
}
