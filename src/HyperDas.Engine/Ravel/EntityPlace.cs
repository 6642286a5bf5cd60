using HyperDas.Engine.Tokenization;

namespace HyperDas.Engine.Ravel;

/// <summary>Finds an entity in a prompt that a user wrote.</summary>
internal static class EntityPlace
{
    /// <summary>
    /// Where the last occurrence of an entity ends. Blanks around a name, as cells of tables have them, aren't the entity's. An accented
    /// letter equals letter and accent (NFC and NFD); what occurs as it is written comes first.
    /// </summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="entity">The name; not empty.</param>
    /// <returns>One past its last character, accents included; null where it doesn't occur.</returns>
    public static int? EndIn(string prompt, string entity)
    {
        string name = entity.Trim() is { Length: > 0 } trimmed ? trimmed : entity;
        int start = prompt.LastIndexOf(name, StringComparison.Ordinal);
        if (start >= 0)
        {
            return start + name.Length;
        }
        AlignedText composed = AlignedText.Of(prompt).Compose();
        string wanted = AlignedText.Of(name).Compose().Text;
        start = composed.Text.LastIndexOf(wanted, StringComparison.Ordinal);
        int end = start + wanted.Length;
        return start < 0 ? null
            : end == composed.Length ? prompt.Length
            // The next letter's beginning: accents belong to the letter before them.
            : composed.Original(end, end + 1).Start;
    }
}
