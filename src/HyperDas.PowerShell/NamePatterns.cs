using System.Management.Automation;

namespace HyperDas;

/// <summary>Expands names with wildcards from a known list.</summary>
internal static class NamePatterns
{
    /// <summary>The names that match patterns, without duplicates, in the order of the patterns and then of the list.</summary>
    /// <param name="patterns">Names or patterns; case matters only where names differ in nothing else.</param>
    /// <param name="names">The available names.</param>
    /// <returns>The names. A pattern without a match is returned unchanged: the consumer's error lists the available names.</returns>
    public static string[] Expand(IEnumerable<string> patterns, IReadOnlyCollection<string> names) =>
        [.. patterns.SelectMany(pattern => Matches(pattern, names).DefaultIfEmpty(pattern)).Distinct()];

    private static string[] Matches(string pattern, IReadOnlyCollection<string> names)
    {
        if (names.Contains(pattern))
        {
            return [pattern];
        }
        try
        {
            WildcardPattern wildcard = WildcardPattern.Get(pattern, WildcardOptions.IgnoreCase);
            return [.. names.Where(wildcard.IsMatch)];
        }
        catch (WildcardPatternException)
        {
            // An unclosed bracket: no name matches.
            return [];
        }
    }
}
