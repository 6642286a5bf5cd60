namespace HyperDas.Engine.Training.Pretraining;

/// <summary>
/// What the tokens of one text may see while the model is pretrained. A small model, left alone, answers by looking at all tokens of the
/// entity when the answer is due, so that patching one token does nothing. Large models first gather what they know of an entity in its
/// last token, and read it from there in later blocks. These masks make the small one do the same; it is used without any.
/// </summary>
internal static class EntityMask
{
    /// <summary>Added to the score of a key that may not be seen; finite, so that a row without keys isn't NaN.</summary>
    public const float Hidden = -30000f;

    /// <summary>How much of the entity the tokens after it may see.</summary>
    public enum View
    {
        /// <summary>All its tokens, as without pretraining masks.</summary>
        Whole,

        /// <summary>Its last token only.</summary>
        LastToken,

        /// <summary>Nothing: the blocks in which the entity's last token still gathers.</summary>
        Nothing,
    }

    /// <summary>Writes additive scores of one text.</summary>
    /// <param name="scores"><c>[length * length]</c>, query by query; every element is written.</param>
    /// <param name="length">Padded length; keys on the right are hidden by causality alone.</param>
    /// <param name="text">The text.</param>
    /// <param name="view">What tokens after the entity see of it.</param>
    /// <param name="dropped">Tokens that no later token sees, by index; may be empty for none.</param>
    public static void Write(Span<float> scores, int length, PretrainingText text, View view, ReadOnlySpan<bool> dropped)
    {
        // Keys EntityStart .. hiddenEnd - 1 are hidden from queries after the entity.
        int hiddenEnd = view switch
        {
            View.Whole => text.EntityStart,
            View.LastToken => text.EntityEnd,
            _ => text.EntityEnd + 1,
        };
        for (int query = 0; query < length; query++)
        {
            Span<float> row = scores.Slice(query * length, length);
            row[..(query + 1)].Clear();
            row[(query + 1)..].Fill(Hidden);
            if (query > text.EntityEnd)
            {
                row[text.EntityStart..hiddenEnd].Fill(Hidden);
            }
            for (int key = 0; key < Math.Min(query, dropped.Length); key++)
            {
                if (dropped[key])
                {
                    row[key] = Hidden;
                }
            }
        }
    }
}
