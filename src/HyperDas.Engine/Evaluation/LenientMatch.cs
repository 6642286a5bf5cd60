using System.Text.RegularExpressions;

namespace HyperDas.Engine.Evaluation;

/// <summary>
/// MIB's comparison of an answer's first tokens with a gold value (docs/methods.md#dialects): case is ignored, other common names of the
/// same thing count, and since a name may be longer than the answer, a prefix of at least three letters is enough.
/// </summary>
internal static class LenientMatch
{
    private const int FewestLetters = 3;

    private static readonly string[][] s_sameThing =
    [
        ["united states", "united states of america", "usa", "us", "u.s", "america"],
        ["united kingdom", "uk", "u.k", "great britain", "britain", "england"],
        ["south korea", "korea"],
        ["persian", "farsi"],
        ["oceania", "australia"],
        ["mandarin", "chinese"],
    ];

    /// <summary>Whether an answer names a gold value.</summary>
    /// <param name="gold">The gold value; one of several comma-separated ones is enough.</param>
    /// <param name="answer">The answer's first tokens as text.</param>
    internal static bool IsRight(string gold, string answer)
    {
        string said = answer.Trim().Trim('"').ToLowerInvariant();
        if (said.StartsWith("the ", StringComparison.Ordinal))
        {
            said = said[4..];
        }
        return gold.ToLowerInvariant().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).SelectMany(Names)
            .Any(name => Says(said, name));
    }

    private static IEnumerable<string> Names(string gold) =>
        s_sameThing.Where(names => names.Contains(gold)).SelectMany(names => names).Prepend(gold);

    private static bool Says(string said, string name) =>
        Regex.IsMatch(said, $@"(?<!\w){Regex.Escape(name)}(?!\w)", RegexOptions.CultureInvariant)
        || (said.Length >= FewestLetters && name.StartsWith(said, StringComparison.Ordinal));
}
