namespace HyperDas.Engine.LanguageModels;

/// <summary>The new part of one text and whether it has ended.</summary>
internal sealed class ContinuedText(LanguageModel model, GenerationOptions options)
{
    private readonly List<int> _ids = [];

    /// <summary>The new tokens, without the end-of-text token.</summary>
    public int[] Ids => [.. _ids];

    /// <summary>Whether the text has ended.</summary>
    public bool Ended { get; private set; }

    /// <summary>Adds the next token unless the text has ended.</summary>
    public void Add(int id)
    {
        if (Ended)
        {
            return;
        }
        if (options.StopAtEos && model.EndTokenIds.Contains(id))
        {
            Ended = true;
            return;
        }
        _ids.Add(id);
        if (options.StopTexts.Count > 0)
        {
            string text = model.Tokenizer.DecodeContinuation(_ids);
            Ended = options.StopTexts.Any(stop => text.Contains(stop, StringComparison.Ordinal));
        }
    }
}
