namespace HyperDas.Engine.Training.Pretraining;

/// <summary>
/// Sentences that ask for any attribute by its name. The benchmark has few templates for each attribute, and a small model treats any of
/// their words as the attribute's name; texts that differ only in the name teach it which word matters.
/// </summary>
internal static class GeneralFrames
{
    // {t}: country of birth, {T}: Country of birth, {u}: country_of_birth.
    private static readonly string[] s_frames =
    [
        "Concerning the {t} of %s:", "%s has the {t}", "The {t} listed for %s is", "{T} (%s):", "%s, {t}:", "{u}[%s] = \"",
        "Tell me the {t} of %s, please:", "%s: {T} =", "For %s the {t} would be", "\"{u}\" of \"%s\": \"", "{T}? For %s it is",
        "We asked for the {t} of %s and the answer was", "<item name=\"%s\" {u}=\"", "<entry of=\"%s\"><{u}>", "Name: %s | {T}:",
        "I wrote down the {t} of %s:", "{\"name\": \"%s\", \"{u}\": \"", "The {t} that goes with %s is", "Remember %s? Then the {t} is",
        "When it comes to the {t}, %s has", "%s -> {t} ->", "Fill in the {t} of %s:", "Somebody told me about %s, and that the {t} is",
    ];

    /// <summary>The frames as templates for one attribute.</summary>
    /// <param name="attribute">The attribute as in the benchmark, e.g. <c>Country of Birth</c>.</param>
    public static IReadOnlyList<string> For(string attribute)
    {
        string lower = attribute.ToLowerInvariant();
        string title = string.Concat(attribute[..1].ToUpperInvariant(), lower.AsSpan(1));
        return
        [
            .. s_frames.Select(frame => frame
                .Replace("{t}", lower, StringComparison.Ordinal)
                .Replace("{T}", title, StringComparison.Ordinal)
                .Replace("{u}", lower.Replace(' ', '_'), StringComparison.Ordinal)),
        ];
    }
}
