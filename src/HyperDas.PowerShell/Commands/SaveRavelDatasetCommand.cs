using System.Management.Automation;
using HyperDas.Engine.Ravel.Downloads;
using HyperDas.Pump;

namespace HyperDas.Commands;

/// <summary>
/// Saves the official files of the RAVEL benchmark to a folder: downloads them or takes them from a copy, and verifies them in both cases.
/// </summary>
[Cmdlet(VerbsData.Save, "RavelDataset", SupportsShouldProcess = true, DefaultParameterSetName = UriSet)]
[OutputType(typeof(DirectoryInfo))]
public sealed class SaveRavelDatasetCommand : EngineCmdlet, IWriterCommand
{
    private const string UriSet = "Uri", SourceSet = "SourcePath";

    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    [Parameter(ParameterSetName = UriSet)]
    [ValidateNotNull]
    public Uri Uri { get; set; } = RavelFileSet.Official.Uri;

    [Parameter(Mandatory = true, ParameterSetName = SourceSet)]
    [ValidateNotNullOrEmpty]
    public string SourcePath { get; set; } = "";

    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessInput()
    {
        string folder = this.ResolveOutput(Path);
        string? source = ParameterSetName == SourceSet ? this.ResolveInput(SourcePath, literal: true)[0] : null;
        if (!MayWrite(OutputPlace.Folder(folder), $"Save the RAVEL benchmark from {source ?? Uri.OriginalString}"))
        {
            return;
        }
        bool written = Compute((progress, stop) =>
            RavelSaver.Save(folder, new RavelSaveOptions { Uri = Uri, SourcePath = source, Force = Force }, progress, stop));
        WriteVerbose(written
            ? $"All {RavelFileSet.Official.Sha256.Count} files are in '{folder}', with descriptions of the attributes beside them"
            : $"'{folder}' already contains all files");
        this.WriteItem(folder);
    }
}
