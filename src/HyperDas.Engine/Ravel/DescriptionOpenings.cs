using HyperDas.Engine.Numerics;

namespace HyperDas.Engine.Ravel;

/// <summary>
/// Words around a description that don't change its meaning: who asks, why, where it is written, how politely, and what isn't meant
/// (<c>Descriptions/openings.txt</c>, one to a line). Test descriptions have kinds of their own (conditions, what "I" or "we" say, gaps
/// to fill), which aren't included.
/// </summary>
internal static class DescriptionOpenings
{
    // Of openings, those that also name what isn't meant.
    private const double ContrastShare = 0.15;

    // {0} is the description, {1} that of something else.
    private static readonly Lazy<Dictionary<bool, string[]>> s_forms = new(
        () => Read().GroupBy(form => form.Contains("{1}", StringComparison.Ordinal))
            .ToDictionary(group => group.Key, group => group.ToArray()));

    /// <summary>A description surrounded by such words.</summary>
    /// <param name="text">The description.</param>
    /// <param name="others">Short descriptions of other concepts; none if nothing can be named that isn't meant.</param>
    /// <param name="random">Source of randomness.</param>
    internal static string Around(string text, IReadOnlyList<string> others, SeededRandom random)
    {
        bool contrast = random.NextDouble() < ContrastShare && others.Count > 0;
        string form = random.Pick(s_forms.Value[contrast]);
        string other = contrast ? Within(random.Pick(others)) : "";
        // A question within a sentence loses its question mark.
        string own = form.EndsWith("{0}", StringComparison.Ordinal) ? text : Within(text);
        return form.Replace("{1}", other, StringComparison.Ordinal).Replace("{0}", own, StringComparison.Ordinal);
    }

    private static string Within(string text) => text.TrimEnd('?');

    private static string[] Read()
    {
        using StreamReader reader = new(typeof(DescriptionOpenings).Assembly.GetManifestResourceStream("openings.txt")!);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
