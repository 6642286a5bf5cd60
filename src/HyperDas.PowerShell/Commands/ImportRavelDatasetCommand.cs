using System.Management.Automation;
using HyperDas.Completers;
using HyperDas.Engine.Ravel;

namespace HyperDas.Commands;

/// <summary>
/// Reads domains of the RAVEL benchmark from a folder, or a dataset: from a file written by Export-RavelDataset, or from a folder published
/// by the original repository.
/// </summary>
[Cmdlet(VerbsData.Import, "RavelDataset", DefaultParameterSetName = PathSet)]
[OutputType(typeof(RavelDomain), typeof(RavelDataset))]
public sealed class ImportRavelDatasetCommand : PathCmdlet
{
    [Parameter(Position = 1)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(DomainCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Domain { get; set; } = [];

    protected override void ProcessInput() => ForEachPath(Import);

    private void Import(string path)
    {
        bool isDataset = File.Exists(path) || ArrowDatasetReader.IsDataset(path);
        if (isDataset && Domain.Length > 0)
        {
            WriteWarning($"'{path}' is a dataset, which is read as a whole: -Domain applies only to the benchmark's own files.");
        }
        if (File.Exists(path))
        {
            WriteObject(Compute((_, _) => RavelDatasetFile.Read(path)));
            return;
        }
        if (isDataset)
        {
            List<string> warnings = [];
            RavelDataset dataset = Compute((_, _) => ArrowDatasetReader.Read(path, warnings.Add));
            warnings.AddRange(NameCheck.Of(dataset));
            warnings.ForEach(WriteWarning);
            WriteObject(dataset);
            return;
        }
        IReadOnlyList<string> domains = Domain.Length > 0
            ? NamePatterns.Expand(Domain, RavelReader.Domains(path))
            : RavelReader.DomainsOrThrow(path);
        ForEach(domains, name =>
        {
            RavelDomain domain = Compute((_, _) => RavelReader.Read(path, name));
            foreach (string warning in NameCheck.Of(domain))
            {
                WriteWarning(warning);
            }
            WriteObject(domain);
        });
    }
}
