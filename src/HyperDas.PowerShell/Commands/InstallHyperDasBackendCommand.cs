using System.Management.Automation;
using HyperDas.Engine.Backends;
using HyperDas.Engine.Numerics;
using HyperDas.Pump;

namespace HyperDas.Commands;

/// <summary>
/// Installs the native libraries for this machine, above all libtorch: downloads them or takes them from a folder, and verifies them in
/// both cases.
/// </summary>
[Cmdlet(VerbsLifecycle.Install, "HyperDasBackend", SupportsShouldProcess = true, DefaultParameterSetName = UriSet)]
[OutputType(typeof(DirectoryInfo))]
public sealed class InstallHyperDasBackendCommand : EngineCmdlet, IWriterCommand
{
    private const string UriSet = "Uri", SourceSet = "SourcePath";

    [Parameter(Position = 0, ParameterSetName = UriSet)]
    [ValidateNotNull]
    public Uri Uri { get; set; } = BackendSource.NuGetOrg;

    [Parameter(Mandatory = true, ParameterSetName = SourceSet)]
    [ValidateNotNullOrEmpty]
    public string SourcePath { get; set; } = "";

    [Parameter]
    public BackendKind Backend { get; set; } = BackendKind.Cpu;

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Destination { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessInput()
    {
        BackendSet set = BackendSet.Of(TorchPlace.Platform, Backend);
        string folder = Destination is not null
            ? this.ResolveOutput(Destination)
            : TorchPlace.UserFolder ?? throw Errors.DestinationMissing();
        string? local = ParameterSetName == SourceSet ? this.ResolveInput(SourcePath, literal: true)[0] : null;
        if (!MayWrite(OutputPlace.Folder(folder),
            $"Install {string.Join(" and ", set.Packages.Select(p => $"{p.Id} {p.Version}"))} from {local ?? Uri.OriginalString}"))
        {
            return;
        }
        BackendSource source = new() { Uri = Uri, Folder = local };
        bool force = Force;
        bool written = Compute((progress, stop) => BackendInstaller.Install(folder, set, source, force, progress, stop));
        WriteVerbose(written ? $"libtorch is in '{folder}'; the licences are beside it" : $"'{folder}' already contains this backend");
        if (PassThru)
        {
            this.WriteItem(folder);
        }
    }
}
