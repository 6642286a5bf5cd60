using System.Management.Automation;
using HyperDas.Engine.Methods;
using HyperDas.Handles;
using HyperDas.Pump;
using HyperDas.Transforms;

namespace HyperDas.Commands;

/// <summary>Writes a trained interpreter to a folder.</summary>
[Cmdlet(VerbsData.Export, "HyperDasInterpreter", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(InterpreterHandle))]
public sealed class ExportHyperDasInterpreterCommand : EngineCmdlet, IWriterCommand
{
    private const string PathSet = "Path", InterpreterSet = "Interpreter";

    [Parameter(Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = PathSet)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = InterpreterSet)]
    [InterpreterTransform(IsOfRows = true)]
    public InterpreterHandle Interpreter { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet)]
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = InterpreterSet)]
    [ItemTransform]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    [Parameter]
    [ValidateSet(nameof(ModelDtype.Float32), nameof(ModelDtype.BFloat16))]
    public ModelDtype Dtype { get; set; } = ModelDtype.Float32;

    [Parameter]
    [DatasetTransform]
    public RavelDataset? Dataset { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessInput()
    {
        string folder = this.ResolveOutput(Path);
        Interpreter interpreter = Interpreter.ToEngine();
        if (!MayWrite(
            OutputPlace.Folder(folder, InterpreterStore.DescriptionFile, InterpreterStore.ParametersFile), $"Export {Interpreter}"))
        {
            return;
        }
        Compute((progress, stop) =>
        {
            if (Dataset is not null)
            {
                interpreter.LearnWords(Dataset, reads: true, progress, stop);
            }
            InterpreterStore.Save(interpreter, folder, Dtype);
        });
        InformWritten(folder);
        if (PassThru)
        {
            WriteObject(Interpreter);
        }
    }
}
