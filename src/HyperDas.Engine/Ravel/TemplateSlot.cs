namespace HyperDas.Engine.Ravel;

/// <summary>The single slot for an entity in a template, written <c>%s</c>.</summary>
public static class TemplateSlot
{
    /// <summary>The benchmark's notation.</summary>
    public const string Mark = "%s";

    /// <summary>
    /// Fills an entity into the slot. The parts are split at the slot itself: the entity's name may occur elsewhere in the template
    /// (docs/methods.md#tokens-and-what-is-visible).
    /// </summary>
    /// <param name="template">Text with exactly one slot.</param>
    /// <param name="entity">The entity's name.</param>
    /// <returns>The prompt up to and including the entity, and the rest, which may be empty; trailing blanks of the
    /// entity belong to the rest.</returns>
    public static (string Prefix, string Suffix) Fill(string template, string entity)
    {
        int slot = template.IndexOf(Mark, StringComparison.Ordinal);
        return Cut(template[..slot] + entity, template[(slot + Mark.Length)..], entity);
    }

    /// <summary>
    /// Moves trailing blanks of an entity to the suffix: a blank is usually part of the next word's token, which would count as the
    /// entity's last. The prompt doesn't change.
    /// </summary>
    /// <param name="prefix">The prompt up to and including the entity.</param>
    /// <param name="suffix">The rest.</param>
    /// <param name="entity">The entity's name.</param>
    public static (string Prefix, string Suffix) Cut(string prefix, string suffix, string entity)
    {
        int blanks = entity.Length - entity.TrimEnd().Length;
        return blanks == 0 || blanks == entity.Length || !prefix.EndsWith(entity, StringComparison.Ordinal)
            ? (prefix, suffix)
            : (prefix[..^blanks], prefix[^blanks..] + suffix);
    }

    /// <summary>Whether a text has exactly one slot.</summary>
    /// <param name="template">Any text.</param>
    public static bool IsTemplate(string template)
    {
        int slot = template.IndexOf(Mark, StringComparison.Ordinal);
        return slot >= 0 && template.IndexOf(Mark, slot + 1, StringComparison.Ordinal) < 0;
    }
}
