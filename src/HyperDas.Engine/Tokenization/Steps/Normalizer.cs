namespace HyperDas.Engine.Tokenization.Steps;

/// <summary>Changes a text before it is split: composition, replacement, prepending.</summary>
/// <param name="steps">The steps in order.</param>
internal sealed class Normalizer(IReadOnlyList<Normalizer.Step> steps)
{
    /// <summary>Changes nothing.</summary>
    internal static Normalizer None { get; } = new([]);

    /// <summary>The steps in order.</summary>
    internal IReadOnlyList<Step> Steps { get; } = steps;

    /// <summary>Normalises a piece between two added tokens.</summary>
    /// <param name="piece">The piece.</param>
    /// <param name="continues">Whether the text continues another, before which nothing is prepended.</param>
    internal AlignedText Apply(AlignedText piece, bool continues) =>
        Steps.Aggregate(piece, (text, step) => step.Apply(text, continues && piece.IsFirst));

    /// <summary>One step.</summary>
    internal abstract record Step
    {
        /// <summary>Description of the step in the fingerprint; must never change.</summary>
        internal abstract string Signature { get; }

        /// <summary>Applies it to a piece.</summary>
        internal abstract AlignedText Apply(AlignedText piece, bool continues);
    }

    /// <summary>Brings text into composed form (NFC).</summary>
    internal sealed record Compose : Step
    {
        internal override string Signature => "nfc";

        internal override AlignedText Apply(AlignedText piece, bool continues) => piece.Compose();
    }

    /// <summary>Prepends a text to every piece.</summary>
    /// <param name="Text">The text.</param>
    internal sealed record Prepend(string Text) : Step
    {
        internal override string Signature => $"prepend {Text}";

        internal override AlignedText Apply(AlignedText piece, bool continues) => continues ? piece : piece.Prepend(Text);
    }

    /// <summary>Replaces the matches of a pattern.</summary>
    /// <param name="Pattern">The pattern.</param>
    /// <param name="Text">The replacement.</param>
    internal sealed record Replace(CodePointPattern Pattern, string Text) : Step
    {
        internal override string Signature => $"replace {Pattern} {Text}";

        internal override AlignedText Apply(AlignedText piece, bool continues) => piece.Replace(Pattern.Matches(piece.Text), Text);
    }
}
