namespace HyperDas.Engine.Ravel;

/// <summary>The one place for an entity in a template, written <c>%s</c>.</summary>
public static class TemplateSlot
{
    /// <summary>How the benchmark writes it.</summary>
    public const string Mark = "%s";

    /// <summary>
    /// Puts an entity into its place. The parts are cut at the slot itself: the entity's name may occur elsewhere in the template
    /// (docs/methods.md#tokens-and-what-is-visible).
    /// </summary>
    /// <param name="template">Text with exactly one slot.</param>
    /// <param name="entity">The entity's name.</param>
    /// <returns>The prompt up to and including the entity, and the rest, which may be empty; blanks at the
    /// entity's end are the rest's.</returns>
    public static (string Prefix, string Suffix) Fill(string template, string entity)
    {
        int slot = template.IndexOf(Mark, StringComparison.Ordinal);
        return Cut(template[..slot] + entity, template[(slot + Mark.Length)..], entity);
    }

    /// <summary>
    /// Moves blanks at an entity's end into what follows it: the blank is mostly a part of the next word's token, which would count as the
    /// entity's last. The prompt stays as it is.
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
