using System.Management.Automation;

namespace HyperDas.Completers;

/// <summary>Common functions of all completers.</summary>
internal static class Completion
{
    /// <summary>
    /// Results for the values that begin with the typed text, in the typed quotation marks or those that the value needs.
    /// </summary>
    /// <param name="values">Known values, in order.</param>
    /// <param name="word">The typed text, possibly with a leading quotation mark.</param>
    /// <param name="about">Description of a value; the value itself if null.</param>
    public static IEnumerable<CompletionResult> Of(IEnumerable<string> values, string word, Func<string, string>? about = null) => values
        .Where(value => value.StartsWith(Typed(word), StringComparison.OrdinalIgnoreCase))
        .Select(value => new CompletionResult(
            Quoted(value, word), value, CompletionResultType.ParameterValue, about?.Invoke(value) ?? value));

    /// <summary>The typed text without quotation marks.</summary>
    /// <param name="word">The typed text.</param>
    public static string Typed(string word) => word.Trim('\'', '"');

    /// <summary>The opening quotation mark of the typed text, or nothing.</summary>
    /// <param name="word">The typed text.</param>
    public static string Quote(string word) => word.Length > 0 && word[0] is '\'' or '"' ? word[..1] : "";

    /// <summary>A value in the typed quotation marks, or those that it needs.</summary>
    /// <param name="value">The value.</param>
    /// <param name="word">The typed text.</param>
    public static string Quoted(string value, string word)
    {
        string quote = Quote(word) is { Length: > 0 } begun ? begun : value.All(c => char.IsLetterOrDigit(c)
            || c is '_' or '-' or '.' or ':' or '/') ? "" : "'";
        return quote + (quote == "'" ? value.Replace("'", "''", StringComparison.Ordinal) : value) + quote;
    }
}
