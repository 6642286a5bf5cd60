namespace HyperDas.Engine.Ravel.Instances;

/// <summary>What the target model says to a prompt, with all that the pair filter asks of it.</summary>
internal sealed class InstanceAnswer
{
    internal InstanceAnswer(string text)
    {
        Text = text;
        Label = CompletionLabel.Of(text);
        FirstWord = CompletionLabel.FirstWord(text);
        IsOneWord = CompletionLabel.IsOneWord(Label);
    }

    internal string Text { get; }

    internal string? Label { get; }

    internal string FirstWord { get; }

    internal bool IsOneWord { get; }

    /// <summary>Whether a prompt with this answer may be a source: the model says more than one character.</summary>
    internal bool IsSource => Text.Length > 1;

    /// <summary><see cref="CompletionLabel.KeepsPair"/>, with everything looked up.</summary>
    internal bool KeepsPairWith(InstanceAnswer source) =>
        source.Text.Length > 0 && IsOneWord && source.IsOneWord && FirstWord != source.FirstWord;
}
