namespace HyperDas.Engine.Ravel.Instances;

/// <summary>What the target model says to a prompt, with all that the pair filter asks of it.</summary>
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

    /// <summary>Whether a prompt with this answer may be a source: the model says more than one character.</summary>
    internal bool IsSource => Text.Length > 1;

    /// <summary>
    /// Whether the answers of one template for a base entity (this) and a source entity make an example
    /// (docs/methods.md#labels-of-completions): two answers of one plain word each that differ in their first word.
    /// </summary>
    internal bool KeepsPairWith(InstanceAnswer source) =>
        source.Text.Length > 0 && IsOneWord && source.IsOneWord && FirstWord != source.FirstWord;
}
