using System.Management.Automation;
using HyperDas.Completers;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Handles;
using HyperDas.Pump;

namespace HyperDas.Commands;

/// <summary>Loads a target model from a Hugging Face folder, or a trained interpreter for a model that is loaded.</summary>
[Cmdlet(VerbsData.Import, "HyperDasModel", DefaultParameterSetName = PathSet)]
[OutputType(typeof(ModelHandle), ParameterSetName = [PathSet, LiteralPathSet])]
[OutputType(typeof(InterpreterHandle), ParameterSetName = [InterpreterSet])]
public sealed class ImportHyperDasModelCommand : EngineCmdlet
{
    private const string PathSet = "Path", LiteralPathSet = "LiteralPath", InterpreterSet = "Interpreter";

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = PathSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    public ModelDtype? Dtype { get; set; }

    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    [ArgumentCompleter(typeof(DeviceCompleter))]
    [ValidateNotNullOrEmpty]
    public string Device { get; set; } = "cpu";

    [Parameter(Mandatory = true, ParameterSetName = InterpreterSet)]
    [ValidateNotNullOrEmpty]
    public string Interpreter { get; set; } = "";

    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InterpreterSet)]
    public ModelHandle Model { get; set; } = null!;

    protected override void ProcessInput()
    {
        if (ParameterSetName == InterpreterSet)
        {
            ImportInterpreter();
            return;
        }
        bool literal = ParameterSetName == LiteralPathSet;
        ForEach(literal ? LiteralPath : Path, path => ForEach(this.ResolveInput(path, literal), ImportModel));
    }

    private void ImportModel(string folder)
    {
        LanguageModel model = Compute((progress, stop) => LanguageModel.Load(folder, Dtype, Device, progress, stop));
        WriteVerbose($"{model.Name}: {model.ParameterCount:N0} weights as {model.Dtype} on {model.Device}");
        WriteObject(new PipedModel(model));
    }

    private void ImportInterpreter()
    {
        string folder = this.ResolveInput(Interpreter)[0];
        LanguageModel target = Model.ToEngine();
        WriteObject(new PipedInterpreter(Compute((_, _) => InterpreterStore.Load(folder, target)), Model));
    }
}
