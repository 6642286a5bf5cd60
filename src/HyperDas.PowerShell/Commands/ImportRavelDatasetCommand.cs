using System.Management.Automation;
using HyperDas.Completers;
using HyperDas.Engine.Ravel;
using HyperDas.Pump;

namespace HyperDas.Commands;

/// <summary>Reads domains of the RAVEL benchmark from a folder.</summary>
[Cmdlet(VerbsData.Import, "RavelDataset", DefaultParameterSetName = PathSet)]
[OutputType(typeof(RavelDomain))]
public sealed class ImportRavelDatasetCommand : EngineCmdlet
{
    private const string PathSet = "Path", LiteralPathSet = "LiteralPath";

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = PathSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    [Parameter(Position = 1)]
    [ArgumentCompleter(typeof(DomainCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Domain { get; set; } = [];

    protected override void ProcessInput()
    {
        bool literal = ParameterSetName == LiteralPathSet;
        ForEach(literal ? LiteralPath : Path, path => ForEach(this.ResolveInput(path, literal), ImportFolder));
    }

    private void ImportFolder(string folder)
    {
        IReadOnlyList<string> domains = Domain.Length > 0 ? Domain : RavelReader.Domains(folder);
        ForEach(domains, domain => WriteObject(Compute((_, _) => RavelReader.Read(folder, domain))));
    }
}
