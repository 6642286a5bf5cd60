using System.Management.Automation;

namespace HyperDas.Completers;

/// <summary>What all completers do with the values that they know.</summary>
internal static class Completion
{
    /// <summary>Results for the values that begin as what was typed, in the quotes that were typed or that the value needs.</summary>
    /// <param name="values">Known values, in order.</param>
    /// <param name="word">What was typed, perhaps with a quotation mark before it.</param>
    /// <param name="about">What a value means; the value itself if null.</param>
    public static IEnumerable<CompletionResult> Of(IEnumerable<string> values, string word, Func<string, string>? about = null) => values
        .Where(value => value.StartsWith(Typed(word), StringComparison.OrdinalIgnoreCase))
        .Select(value => new CompletionResult(
            Quoted(value, word), value, CompletionResultType.ParameterValue, about?.Invoke(value) ?? value));

    /// <summary>What was typed, without quotation marks.</summary>
    /// <param name="word">As it was typed.</param>
    public static string Typed(string word) => word.Trim('\'', '"');

    /// <summary>The quotation mark that a value was begun with, or nothing.</summary>
    /// <param name="word">As it was typed.</param>
    public static string Quote(string word) => word.Length > 0 && word[0] is '\'' or '"' ? word[..1] : "";

    /// <summary>A value in the quotation marks that were typed, or that it needs.</summary>
    /// <param name="value">The value.</param>
    /// <param name="word">As it was typed.</param>
    public static string Quoted(string value, string word)
    {
        string quote = Quote(word) is { Length: > 0 } begun ? begun : value.All(c => char.IsLetterOrDigit(c)
            || c is '_' or '-' or '.' or ':' or '/') ? "" : "'";
        return quote + (quote == "'" ? value.Replace("'", "''", StringComparison.Ordinal) : value) + quote;
    }
}
