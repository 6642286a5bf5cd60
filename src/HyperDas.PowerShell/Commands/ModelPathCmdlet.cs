using System.ComponentModel;
using System.Management.Automation;
using HyperDas.Completers;
using HyperDas.Engine.LanguageModels;

namespace HyperDas.Commands;

/// <summary>Base of the cmdlets that load target models from their folders: in which number format, and where to.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ModelPathCmdlet : PathCmdlet
{
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    public ModelDtype Dtype { get; set; } = ModelDtype.Auto;

    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    [ArgumentCompleter(typeof(DeviceCompleter))]
    [ValidateNotNullOrEmpty]
    public string Device { get; set; } = "cpu";

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
    private protected LanguageModel Load(string folder) => Compute((progress, stop) => LanguageModel.Load(folder, Dtype, Device, progress, stop));
}
