using System.Collections;
using System.Management.Automation.Runspaces;

namespace HyperDas.Shell;

/// <summary>Arguments of a script as <c>pwsh -File</c> reads them: <c>-Name value</c>, <c>-Switch</c>, <c>-Name:value</c> or plain values.</summary>
internal static class ScriptArguments
{
    /// <returns>The <c>-Name:value</c> pairs, and everything else in order: whether the word after <c>-Name</c> is its value, the script's own param() decides.</returns>
    public static (Hashtable Named, List<CommandParameter> Others) Parse(IEnumerable<string> arguments)
    {
        Hashtable named = [];
        List<CommandParameter> rest = [];
        foreach (string argument in arguments)
        {
            bool isName = argument is ['-', var first, ..] && char.IsLetter(first);
            int colon = argument.IndexOf(':', StringComparison.Ordinal);
            if (isName && colon > 0)
            {
                named[argument[1..colon]] = BooleanOrText(argument[(colon + 1)..]);
            }
            else
            {
                rest.Add(isName ? new CommandParameter(argument) : new CommandParameter(null, argument));
            }
        }
        return (named, rest);
    }

    private static object BooleanOrText(string value) => value.ToLowerInvariant() switch
    {
        "$true" or "true" => true,
        "$false" or "false" => false,
        _ => value,
    };
}
