using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Runtime.CompilerServices;
using HyperDas.Engine.Ravel;

namespace HyperDas.Completers;

/// <summary>
/// Suggests the attributes of the domains in -InputObject, in the variable before the pipe, or in the folder of an Import-RavelDataset
/// there.
/// </summary>
internal sealed class AttributeCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        RavelDomain[] domains = [.. PipedInput.Of(fakeBoundParameters, "InputObject", commandAst).OfType<RavelDomain>()];
        if (domains.Length == 0
            && PipedInput.AllBefore(commandAst).Select(RavelFolder.Imported).FirstOrDefault(found => found is not null) is { } imported)
        {
            domains = Read(imported.Folder, imported.Domains);
        }
        return Completion.Of(domains.SelectMany(d => d.Attributes).Distinct(), wordToComplete);
    }

    // A separate method, which loads the engine only when files are read.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static RavelDomain[] Read(string folder, string[] domains)
    {
        try
        {
            return [.. domains.Select(domain => RavelReader.Read(folder, domain))];
        }
        catch (HyperDasException)
        {
            return [];
        }
    }
}
