using System.Collections;
using System.Management.Automation;

namespace HyperDas;

/// <summary>
/// Distinguishes parameters of a command from those in <c>$PSDefaultParameterValues</c>, which apply to all of its calls: the former must
/// be valid, the latter may not fit every call.
/// </summary>
internal static class DefaultValues
{
    /// <summary>Ignores a parameter that has no meaning here if it is a default; otherwise it is an error.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="parameter">Name of the bound parameter.</param>
    /// <param name="error">The error.</param>
    /// <exception cref="HyperDasException"><paramref name="error"/>.</exception>
    public static void LeaveOut(this PSCmdlet cmdlet, string parameter, HyperDasException error)
    {
        IDictionary<string, object> bound = cmdlet.MyInvocation.BoundParameters;
        if (!IsDefault(cmdlet, parameter, bound[parameter]))
        {
            throw error;
        }
        cmdlet.WriteWarning($"A default in $PSDefaultParameterValues is ignored: {error.Message}");
        bound.Remove(parameter);
        // A dynamic parameter has no property.
        cmdlet.GetType().GetProperty(parameter)?.SetValue(cmdlet, null);
    }

    private static bool IsDefault(PSCmdlet cmdlet, string parameter, object? value)
    {
        if (Unwrap(cmdlet.GetVariableValue("PSDefaultParameterValues")) is not IDictionary defaults)
        {
            return false;
        }
        // Keys are "command:parameter" with wildcards; a script block gives a different value for each call.
        return defaults.Cast<DictionaryEntry>().Any(entry => entry.Key is string key
            && key.IndexOf(':', StringComparison.Ordinal) is int colon and > 0
            && Matches(key[..colon], cmdlet.MyInvocation.MyCommand.Name)
            && Matches(key[(colon + 1)..], parameter)
            && (Unwrap(entry.Value) is ScriptBlock || IsSame(value, entry.Value)));
    }

    private static bool Matches(string pattern, string name) =>
        WildcardPattern.Get(pattern.Trim().Trim('\'', '"'), WildcardOptions.IgnoreCase).IsMatch(name);

    private static bool IsSame(object? bound, object? given) => (Unwrap(bound), Unwrap(given)) switch
    {
        (var one, var other) when ReferenceEquals(one, other) => true,
        (Array several, IList list) => several.Length == list.Count
            && Enumerable.Range(0, list.Count).All(i => IsSame(several.GetValue(i), list[i])),
        (Array { Length: 1 } one, var other) => IsSame(one.GetValue(0), other),
        (var one, var other) => one is not null && LanguagePrimitives.Equals(one, other, ignoreCase: true),
    };

    private static object? Unwrap(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
