using System.Management.Automation;
using HyperDas.Completers;
using HyperDas.Engine.Ravel;
using HyperDas.Pump;

namespace HyperDas.Commands;

/// <summary>
/// Reads domains of the RAVEL benchmark from a folder, or a dataset: from a file that Export-RavelDataset wrote, or from a folder that the
/// original repository publishes.
/// </summary>
[Cmdlet(VerbsData.Import, "RavelDataset", DefaultParameterSetName = PathSet)]
[OutputType(typeof(RavelDomain), typeof(RavelDataset))]
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
        ForEach(literal ? LiteralPath : Path, path => ForEach(this.ResolveInput(path, literal), Import));
    }

    private void Import(string path)
    {
        if (File.Exists(path))
        {
            WriteObject(Compute((_, _) => RavelDatasetFile.Read(path)));
            return;
        }
        if (ArrowDatasetReader.IsDataset(path))
        {
            WriteObject(Compute((_, _) => ArrowDatasetReader.Read(path)));
            return;
        }
        IReadOnlyList<string> domains = Domain.Length > 0 ? Domain : RavelReader.Domains(path);
        ForEach(domains, domain => WriteObject(Compute((_, _) => RavelReader.Read(path, domain))));
    }
}
