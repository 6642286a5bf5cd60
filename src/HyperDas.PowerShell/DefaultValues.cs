using System.Collections;
using System.Management.Automation;

namespace HyperDas;

/// <summary>
/// Tells what a user asked for in this command from what stands in <c>$PSDefaultParameterValues</c> for all of its calls: the one must be
/// right, the other may not fit every call.
/// </summary>
internal static class DefaultValues
{
    /// <summary>Goes on without a parameter that means nothing here and is a default; one that was asked for is an error.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="parameter">Name of the parameter, which is bound.</param>
    /// <param name="error">What is wrong with it.</param>
    /// <exception cref="HyperDasException"><paramref name="error"/>.</exception>
    public static void LeaveOut(this PSCmdlet cmdlet, string parameter, HyperDasException error)
    {
        IDictionary<string, object> bound = cmdlet.MyInvocation.BoundParameters;
        if (!IsDefault(cmdlet, parameter, bound[parameter]))
        {
            throw error;
        }
        cmdlet.WriteWarning($"A default of $PSDefaultParameterValues is left out: {error.Message}");
        bound.Remove(parameter);
        // Of a parameter that depends on others there is no property.
        cmdlet.GetType().GetProperty(parameter)?.SetValue(cmdlet, null);
    }

    private static bool IsDefault(PSCmdlet cmdlet, string parameter, object? value)
    {
        if (Unwrap(cmdlet.GetVariableValue("PSDefaultParameterValues")) is not IDictionary defaults)
        {
            return false;
        }
        // Keys are "command:parameter" with wildcards; a script block gives another value for each call.
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
