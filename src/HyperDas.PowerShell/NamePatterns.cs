using System.Management.Automation;

namespace HyperDas;

/// <summary>Names that users give with wildcards, of a list that is known.</summary>
internal static class NamePatterns
{
    /// <summary>The names that patterns stand for, each once, in the order of the patterns and then of the list.</summary>
    /// <param name="patterns">Names or patterns; upper and lower case count only where names differ in nothing else.</param>
    /// <param name="names">What there is.</param>
    /// <returns>A pattern that stands for nothing stays as it is: whoever needs the name says what there is.</returns>
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
            // A bracket that isn't closed: nothing has such a name.
            return [];
        }
    }
}
