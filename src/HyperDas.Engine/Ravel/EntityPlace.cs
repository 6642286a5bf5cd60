using HyperDas.Engine.Tokenization;

namespace HyperDas.Engine.Ravel;

/// <summary>Finds an entity in a user's prompt.</summary>
internal static class EntityPlace
{
    /// <summary>
    /// The end of the last occurrence of an entity. Blanks around a name, as in table cells, aren't part of the entity. A precomposed
    /// letter equals letter and combining accent (NFC and NFD); an exact match takes precedence.
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
            // The beginning of the next letter: combining accents belong to the letter before them.
            : composed.Original(end, end + 1).Start;
    }
}
