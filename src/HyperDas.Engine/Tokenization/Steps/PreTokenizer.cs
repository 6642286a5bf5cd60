namespace HyperDas.Engine.Tokenization.Steps;

/// <summary>Splits a normalised text into the pieces that merges never cross.</summary>
/// <param name="steps">Applied in order, each to the pieces of the previous one.</param>
internal sealed class PreTokenizer(IReadOnlyList<PreTokenizer.Step> steps)
{
    /// <summary>The pattern of GPT-2, which a plain <c>ByteLevel</c> pre-tokenizer implies.</summary>
    internal const string Gpt2Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>The pattern of Llama-3: as GPT-2's, but numbers in groups of at most three digits and line ends kept together.</summary>
    internal const string Llama3Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>The pattern of Qwen 2: as Llama-3's, but every digit separately.</summary>
    internal const string Qwen2Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>The steps in order.</summary>
    internal IReadOnlyList<Step> Steps { get; } = steps;

    /// <summary>Whether pieces are spelled in the byte alphabet.</summary>
    internal bool SpellsBytes { get; } = steps.Any(step => step is Bytes);

    /// <summary>The pieces of a text between two added tokens.</summary>
    /// <param name="text">The text.</param>
    /// <param name="continues">Whether the whole text continues another, before which nothing is prepended.</param>
    internal List<AlignedText> Cut(AlignedText text, bool continues)
    {
        List<AlignedText> pieces = [text];
        foreach (Step step in Steps)
        {
            List<AlignedText> finer = new(pieces.Count * 2);
            foreach (AlignedText piece in pieces)
            {
                step.Apply(piece, continues && piece.IsFirst, finer);
            }
            finer.RemoveAll(piece => piece.Length == 0);
            pieces = finer;
        }
        return pieces;
    }

    /// <summary>One step.</summary>
    internal abstract record Step
    {
        /// <summary>Description of the step in the fingerprint; must never change.</summary>
        internal abstract string Signature { get; }

        /// <summary>Adds the results for a piece.</summary>
        internal abstract void Apply(AlignedText piece, bool continues, List<AlignedText> pieces);
    }

    /// <summary>Splits at the matches of a pattern.</summary>
    /// <param name="Pattern">The pattern.</param>
    /// <param name="Behavior">How its matches are treated.</param>
    /// <param name="Inverted">Whether the text between the matches is treated as the matches.</param>
    internal sealed record Split(CodePointPattern Pattern, SplitBehavior Behavior = SplitBehavior.Isolated, bool Inverted = false) : Step
    {
        internal override string Signature => $"split {Pattern} {Behavior} {Inverted}";

        internal override void Apply(AlignedText piece, bool continues, List<AlignedText> pieces)
        {
            foreach ((int start, int end) in Cut(piece.Text))
            {
                pieces.Add(piece.Slice(start, end));
            }
        }

        /// <summary>The pieces of a text, as UTF-16 ranges.</summary>
        internal List<(int Start, int End)> Cut(string text)
        {
            List<(int Start, int End, bool IsMatch)> parts = [];
            int done = 0;
            foreach ((int start, int end) in Pattern.Matches(text))
            {
                if (start > done)
                {
                    parts.Add((done, start, Inverted));
                }
                parts.Add((start, end, !Inverted));
                done = end;
            }
            if (done < text.Length)
            {
                parts.Add((done, text.Length, Inverted));
            }
            return Behavior switch
            {
                SplitBehavior.Removed => [.. parts.Where(part => !part.IsMatch).Select(part => (part.Start, part.End))],
                SplitBehavior.MergedWithPrevious => Joined(parts, (previous, next) => next && !previous),
                SplitBehavior.MergedWithNext => Joined(parts, (previous, next) => previous && !next),
                SplitBehavior.Contiguous => Joined(parts, (previous, next) => previous == next),
                _ => [.. parts.Select(part => (part.Start, part.End))],
            };
        }

        private static List<(int Start, int End)> Joined(List<(int Start, int End, bool IsMatch)> parts, Func<bool, bool, bool> joins)
        {
            List<(int Start, int End)> pieces = [];
            for (int i = 0; i < parts.Count; i++)
            {
                if (i > 0 && joins(parts[i - 1].IsMatch, parts[i].IsMatch))
                {
                    pieces[^1] = (pieces[^1].Start, parts[i].End);
                }
                else
                {
                    pieces.Add((parts[i].Start, parts[i].End));
                }
            }
            return pieces;
        }
    }

    /// <summary>Puts a space before every piece that doesn't begin with one.</summary>
    internal sealed record PrefixSpace : Step
    {
        internal override string Signature => "prefix-space";

        internal override void Apply(AlignedText piece, bool continues, List<AlignedText> pieces) =>
            pieces.Add(continues || piece.Text.StartsWith(' ') ? piece : piece.Prepend(" "));
    }

    /// <summary>Spells bytes in the byte alphabet.</summary>
    internal sealed record Bytes : Step
    {
        internal override string Signature => "bytes";

        internal override void Apply(AlignedText piece, bool continues, List<AlignedText> pieces) => pieces.Add(piece.SpellBytes());
    }

    /// <summary>Replaces spaces by SentencePiece's mark, and puts it before words.</summary>
    /// <param name="Mark">The mark, usually ▁.</param>
    /// <param name="Prefixes">Where a mark is put before a piece that has none.</param>
    /// <param name="Cuts">Whether every mark begins a piece.</param>
    internal sealed record Metaspace(string Mark, MetaspacePrefix Prefixes, bool Cuts) : Step
    {
        internal override string Signature => $"metaspace {Mark} {Prefixes} {Cuts}";

        internal override void Apply(AlignedText piece, bool continues, List<AlignedText> pieces)
        {
            bool wanted = Prefixes == MetaspacePrefix.Always || (Prefixes == MetaspacePrefix.First && piece.IsFirst);
            AlignedText marked = piece.Replace(CodePointPattern.Literal(" ").Matches(piece.Text), Mark);
            marked = wanted && !continues && !marked.Text.StartsWith(Mark, StringComparison.Ordinal) ? marked.Prepend(Mark) : marked;
            if (Cuts)
            {
                new Split(CodePointPattern.Literal(Mark), SplitBehavior.MergedWithNext).Apply(marked, continues, pieces);
            }
            else
            {
                pieces.Add(marked);
            }
        }
    }

    /// <summary>Where a mark is put before a text.</summary>
    internal enum MetaspacePrefix
    {
        /// <summary>Nowhere.</summary>
        Never,

        /// <summary>Before the beginning of the whole text.</summary>
        First,

        /// <summary>Before every piece between added tokens.</summary>
        Always,
    }
}
