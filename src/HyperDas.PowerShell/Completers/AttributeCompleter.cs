using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace HyperDas.Completers;

/// <summary>Suggests the attributes of the domains in -InputObject.</summary>
internal sealed class AttributeCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string prefix = wordToComplete.Trim('\'', '"');
        return LanguagePrimitives.GetEnumerable(fakeBoundParameters["InputObject"]) is { } several
            ? Complete(several.Cast<object>(), prefix)
            : Complete([fakeBoundParameters["InputObject"]], prefix);
    }

    private static IEnumerable<CompletionResult> Complete(IEnumerable<object?> domains, string prefix) => domains
        .Select(d => PSObject.AsPSObject(d ?? "").BaseObject)
        .OfType<RavelDomain>()
        .SelectMany(d => d.Attributes)
        .Distinct()
        .Where(a => a.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        .Select(a => new CompletionResult(a.Contains(' ', StringComparison.Ordinal) ? $"'{a}'" : a, a, CompletionResultType.ParameterValue, a));
}
