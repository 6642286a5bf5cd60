namespace HyperDas.Engine.Ravel.Instances;

/// <summary>A target model's answer to a prompt, with everything that the pair filter needs.</summary>
internal sealed class InstanceAnswer
{
    internal InstanceAnswer(Completion completion)
    {
        Text = completion.Text;
        Label = CompletionLabel.Of(completion.Text, completion.IsOver);
        FirstWord = CompletionLabel.FirstWord(completion.Text);
        IsOneWord = CompletionLabel.IsOneWord(Label);
    }

    internal string Text { get; }

    internal string? Label { get; }

    internal string FirstWord { get; }

    internal bool IsOneWord { get; }

    /// <summary>Whether a prompt with this answer may be a source: the answer has more than one character.</summary>
    internal bool IsSource => Text.Length > 1;

    /// <summary>
    /// Whether the answers to one template for a base entity (this) and a source entity form an example
    /// (docs/methods.md#labels-of-completions): both are one plain word, and their first words differ.
    /// </summary>
    internal bool KeepsPairWith(InstanceAnswer source) =>
        source.Text.Length > 0 && IsOneWord && source.IsOneWord && FirstWord != source.FirstWord;
}
