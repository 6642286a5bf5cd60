using System.Management.Automation;
using System.Net;
using System.Security;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Downloads.Hub;
using HyperDas.Pump;
using HyperDas.Transforms;

namespace HyperDas.Commands;

/// <summary>Downloads a target model from Hugging Face into a folder, or into Hugging Face's cache, and verifies it.</summary>
[Cmdlet(VerbsData.Save, "HyperDasModel", SupportsShouldProcess = true)]
[OutputType(typeof(DirectoryInfo))]
public sealed class SaveHyperDasModelCommand : EngineCmdlet, IWriterCommand
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString]
    [TextTransform("The name of a repository, owner/model, is required", nameof(Id))]
    public string Id { get; set; } = "";

    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Revision { get; set; } = HubSaver.MainRevision;

    [Parameter]
    [TokenTransform]
    [ValidateNotNull]
    public SecureString? Token { get; set; }

    [Parameter]
    [ValidateNotNull]
    public Uri? Uri { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsInputNumbered => true;

    protected override void ProcessInput()
    {
        HubSaver.ThrowIfNoName(Id, Revision);
        HubSource source = HubSource.OfEnvironment(Uri, Token is null ? null : new NetworkCredential("", Token).Password);
        HubCache cache = HubCache.OfEnvironment();
        string? folder = Path is null ? null : this.ResolveOutput(Path);
        // The cache has a folder for each model, and an incomplete download is resumed.
        OutputPlace place = OutputPlace.Folder(folder ?? cache.FolderOf(Id));
        if (!MayWrite(place.Path, $"Save the model {Id} ({Revision}) from {source.Endpoint.OriginalString}", own: false, place))
        {
            return;
        }
        bool force = Force;
        SavedModel saved = Compute((progress, stop) => HubSaver.Save(Id, source, folder, cache, Revision, force, progress, stop));
        WriteVerbose($"{Id}: {(saved.Written == 0 ? "all files already exist" : $"{saved.Written} files written")}, commit {saved.Commit}");
        this.WriteItem(saved.Folder);
    }
}
