using System.ComponentModel;
using System.Management.Automation;
using HyperDas.Completers;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;

namespace HyperDas.Commands;

/// <summary>Base of the cmdlets that load target models from their folders: in which number format, and where to.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ModelPathCmdlet : PathCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        ParameterSetName = PathSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(CachedModelCompleter))]
    public override string[] Path { get; set; } = [];

    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    public ModelDtype Dtype { get; set; } = ModelDtype.Auto;

    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    [ArgumentCompleter(typeof(DeviceCompleter))]
    [ValidateNotNullOrEmpty]
    public string Device { get; set; } = "cpu";

    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    [ArgumentCompleter(typeof(CachedModelCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Adapter { get; set; }

    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    public SwitchParameter ChatTemplate { get; set; }

    /// <summary>Of a path that doesn't exist and reads like a repository, <c>org/name</c>: where the model is, or how to get it.</summary>
    /// <inheritdoc/>
    private protected override HyperDasException Located(HyperDasException error)
    {
        string? id = error.ErrorId == "PathNotFound" && error.Target is string missing ? Path.FirstOrDefault(path => HubFolder.IsId(path)
            && missing.EndsWith(path.Replace('/', System.IO.Path.DirectorySeparatorChar), StringComparison.Ordinal)) : null;
        if (id is null)
        {
            return error;
        }
        string folder = HubCache.OfEnvironment().FolderOf(id);
        return new HyperDasException(
            error.ErrorId, error.Kind, Directory.Exists(folder)
                ? $"{error.Message} Hugging Face's cache has a model of this name: '{folder}'. The Tab key completes its name to this path."
                : $"{error.Message} 'Save-HyperDasModel {id}' downloads the model of this name from Hugging Face.",
            error.Target, error);
    }

    /// <summary>Loads a model, which is the caller's to release, and warns of what its files hold that nothing reads.</summary>
    /// <param name="folder">Absolute path.</param>
    private protected LanguageModel LoadWithRemarks(string folder)
    {
        LanguageModel model = Load(folder);
        try
        {
            foreach (string remark in model.Remarks)
            {
                WriteWarning(remark);
            }
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Loads a model, which is the caller's to release.</summary>
    /// <param name="folder">Absolute path.</param>
    private protected LanguageModel Load(string folder)
    {
        string? adapter = Adapter is null ? null : this.ResolveInput(Adapter, literal: true)[0];
        bool wraps = ChatTemplate;
        return Compute((progress, stop) => LanguageModel.Load(
            folder, Dtype, Device, progress, stop, adapter: adapter, chatTemplate: wraps));
    }
}
