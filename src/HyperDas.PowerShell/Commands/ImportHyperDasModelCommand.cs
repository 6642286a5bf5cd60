using System.Management.Automation;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Handles;

namespace HyperDas.Commands;

/// <summary>Loads a target model from a Hugging Face folder, or a trained interpreter for a model that is loaded.</summary>
[Cmdlet(VerbsData.Import, "HyperDasModel", DefaultParameterSetName = PathSet)]
[OutputType(typeof(ModelHandle), ParameterSetName = [PathSet, LiteralPathSet])]
[OutputType(typeof(InterpreterHandle), ParameterSetName = [InterpreterSet])]
public sealed class ImportHyperDasModelCommand : ModelPathCmdlet
{
    private const string InterpreterSet = "Interpreter";

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
        ForEachPath(ImportModel);
    }

    private void ImportModel(string folder)
    {
        LanguageModel model = Load(folder);
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
