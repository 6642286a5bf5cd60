using System.Management.Automation;
using HyperDas.Completers;
using HyperDas.Engine.Backends;
using HyperDas.Engine.Numerics;
using HyperDas.Pump;

namespace HyperDas.Commands;

/// <summary>Saves the packages of the native libraries, for machines without a connection.</summary>
[Cmdlet(VerbsData.Save, "HyperDasBackend", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class SaveHyperDasBackendCommand : EngineCmdlet, IWriterCommand
{
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    [Parameter(ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    public string[] RuntimeIdentifier { get; set; } = [];

    [Parameter]
    [ValidateNotNull]
    public Uri Uri { get; set; } = BackendSource.NuGetOrg;

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SourcePath { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessInput()
    {
        string folder = this.ResolveOutput(Path);
        string? local = SourcePath is null ? null : this.ResolveInput(SourcePath, literal: true)[0];
        BackendSet[] sets =
            [.. (RuntimeIdentifier.Length > 0 ? RuntimeIdentifier : [TorchPlace.Platform]).Select(platform => BackendSet.Of(platform))];
        if (!MayWrite(OutputPlace.Folder(folder),
            $"Save the backend for {string.Join(", ", sets.Select(set => set.RuntimeIdentifier))} from {local ?? Uri.OriginalString}"))
        {
            return;
        }
        BackendSource source = new() { Uri = Uri, Folder = local };
        bool force = Force;
        IReadOnlyList<string> files = Compute((progress, stop) => BackendInstaller.Save(folder, sets, source, force, progress, stop));
        foreach (string file in files)
        {
            this.WriteItem(file);
        }
    }
}
