using System.Management.Automation;
using HyperDas.Completers;
using HyperDas.Pump;

namespace HyperDas.Commands;

/// <summary>Lists the models and interpreters that are open in this process, with their memory, age and users.</summary>
[Cmdlet(VerbsCommon.Get, "HyperDasModel")]
[OutputType(typeof(OpenHandle))]
public sealed class GetHyperDasModelCommand : EngineCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(OpenModelCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    protected override void ProcessInput() => ForEach(Name, pattern =>
    {
        IReadOnlyList<OpenHandle> all = OpenHandles.List();
        string[] names = NamePatterns.Expand([pattern], [.. all.Select(open => open.Name).Distinct()]);
        OpenHandle[] found = [.. all.Where(open => names.Contains(open.Name))];
        if (found.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(pattern))
        {
            throw Errors.ModelNotFound(pattern, all.Count);
        }
        WriteObject(found, enumerateCollection: true);
    });
}
