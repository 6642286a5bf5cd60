namespace HyperDas.Engine.Training.Pretraining;

/// <summary>
/// What the tokens of one text attend to during pretraining. Without masks, a small model answers by looking at all tokens of the entity
/// when the answer is due, so patching one token has no effect. Large models first gather their knowledge of an entity in its last token,
/// and read it from there in later blocks. These masks make the small model do the same; outside training it uses none.
/// </summary>
internal static class EntityMask
{
    /// <summary>Added to the score of a hidden key; finite, so a row without keys isn't NaN.</summary>
    public const float Hidden = -30000f;

    /// <summary>Visibility of the entity for the tokens after it.</summary>
    public enum View
    {
        /// <summary>All its tokens, as without pretraining masks.</summary>
        Whole,

        /// <summary>Only its last token.</summary>
        LastToken,

        /// <summary>Nothing: in the blocks in which the entity's last token still gathers.</summary>
        Nothing,
    }

    /// <summary>Writes the additive scores of one text.</summary>
    /// <param name="scores"><c>[length * length]</c>, query by query; every element is written.</param>
    /// <param name="length">Padded length; keys on the right are hidden by causality.</param>
    /// <param name="text">The text.</param>
    /// <param name="view">Visibility of the entity for the tokens after it.</param>
    /// <param name="dropped">Indices of tokens hidden from all later tokens; may be empty.</param>
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
