using System.Text.RegularExpressions;

namespace HyperDas.Engine.Ravel.Instances;

/// <summary>
/// Derives an example's label from a target model's completion, and decides which pairs of labels form an example
/// (docs/methods.md#labels-of-completions).
/// </summary>
public static partial class CompletionLabel
{
    private static readonly char[] s_loose = ['.', ',', '"', ' ', '\n'];

    /// <summary>The part of a completion that is its answer, including the white space before it.</summary>
    /// <param name="completion">The target model's text after the prompt.</param>
    /// <param name="isOver">Whether the model ended its text there; the benchmark's own models never do.</param>
    /// <returns>The label; null when nothing is left. Where nothing ends the answer, a trailing space is kept: the label isn't one
    /// word.</returns>
    public static string? Of(string completion, bool isOver = false)
    {
        string text = completion + (isOver ? '\n' : ' ');
        string label = End().Match(text) is { Success: true } end ? text[..end.Index] : text;
        if (Decimals().Match(label) is { Success: true } decimals)
        {
            label = label[..(decimals.Index + decimals.Length)];
        }
        if (Pronoun().Match(label) is { Success: true } pronoun)
        {
            label = pronoun.Groups[1].Value;
        }
        if (!string.IsNullOrWhiteSpace(label))
        {
            return label;
        }
        string pieces = string.Join(' ', text.Split(' ').Take(2)).TrimEnd(s_loose);
        return string.IsNullOrWhiteSpace(pieces) ? null : pieces;
    }

    /// <summary>Removes the decimals of degrees, as for latitudes and longitudes when pairs are formed.</summary>
    /// <param name="label">A label.</param>
    public static string WholeDegrees(string label) => label.Replace('°', '.').Split('.')[0];

    /// <summary>The first word of a completion: letters, digits, underscores, plus and minus.</summary>
    /// <param name="completion">The target model's text after the prompt.</param>
    public static string FirstWord(string completion)
    {
        string text = completion.Trim();
        return NotWord().Match(text) is { Success: true } end ? text[..end.Index] : text;
    }

    /// <summary>
    /// Whether a label is one word of plain letters, digits, points, colons and signs: no other label enters an instance.
    /// </summary>
    /// <param name="label">A label; null for none.</param>
    public static bool IsOneWord(string? label) => label is not null && OneWord().IsMatch(label);

    [GeneratedRegex("\"|[.,;]\\s|\\n| \\(|\\sand", RegexOptions.CultureInvariant)]
    private static partial Regex End();

    [GeneratedRegex("\\.[0-9]{2}", RegexOptions.CultureInvariant)]
    private static partial Regex Decimals();

    [GeneratedRegex("^(\\s*(?:himself|herself|his|her|she|he))\\W", RegexOptions.CultureInvariant)]
    private static partial Regex Pronoun();

    [GeneratedRegex("[^\\w+-]", RegexOptions.CultureInvariant)]
    private static partial Regex NotWord();

    [GeneratedRegex("^\\s*[a-z0-9.:+-]+\\z", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex OneWord();
}
