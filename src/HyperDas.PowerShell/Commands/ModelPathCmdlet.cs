using System.ComponentModel;
using System.Management.Automation;
using HyperDas.Completers;
using HyperDas.Engine.LanguageModels;
using HyperDas.Transforms;

namespace HyperDas.Commands;

/// <summary>Base of the cmdlets that load target models from their folders, with number format and device.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ModelPathCmdlet : PathCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        ParameterSetName = PathSet)]
    [SupportsWildcards]
    [AllowNull]
    [AllowEmptyString]
    [TextTransform(NeededPath, nameof(Path), nameof(LiteralPath), "PSPath", "Interpreter", HasAlternatives = true)]
    [ArgumentCompleter(typeof(CachedModelCompleter))]
    public override string[] Path { get; set; } = [];

    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    public ModelDtype Dtype { get; set; } = ModelDtype.Auto;

    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    [ArgumentCompleter(typeof(DeviceCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Device { get; set; } = ["cpu"];

    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    [ArgumentCompleter(typeof(CachedModelCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Adapter { get; set; }

    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    public SwitchParameter ChatTemplate { get; set; }

    /// <inheritdoc/>
    private protected override IReadOnlyList<string> Resolve(string path, bool literal) =>
        literal ? base.Resolve(path, literal) : this.ResolveModel(path);

    /// <summary>Loads a model, which the caller releases, and warns about unused contents of its files.</summary>
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

    /// <summary>Loads a model, which the caller releases.</summary>
    /// <param name="folder">Absolute path.</param>
    private protected LanguageModel Load(string folder)
    {
        string? adapter = Adapter is null ? null : this.ResolveModel(Adapter, literal: true)[0];
        bool wraps = ChatTemplate;
        return Compute((progress, stop) => LanguageModel.Load(
            folder, Dtype, string.Join(',', Device), progress, stop, adapter: adapter, chatTemplate: wraps));
    }
}
