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
    /// <returns>The prompt up to and including the entity, and the rest, which may be empty.</returns>
    public static (string Prefix, string Suffix) Fill(string template, string entity)
    {
        int slot = template.IndexOf(Mark, StringComparison.Ordinal);
        return (template[..slot] + entity, template[(slot + Mark.Length)..]);
    }

    /// <summary>Whether a text has exactly one slot.</summary>
    /// <param name="template">Any text.</param>
    public static bool IsTemplate(string template)
    {
        int slot = template.IndexOf(Mark, StringComparison.Ordinal);
        return slot >= 0 && template.IndexOf(Mark, slot + 1, StringComparison.Ordinal) < 0;
    }
}
