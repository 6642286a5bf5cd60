using System.Management.Automation;
using HyperDas.Engine.Methods;
using HyperDas.Handles;
using HyperDas.Pump;

namespace HyperDas.Commands;

/// <summary>Writes a trained interpreter to a folder.</summary>
[Cmdlet(VerbsData.Export, "HyperDasInterpreter", SupportsShouldProcess = true)]
[OutputType(typeof(InterpreterHandle))]
public sealed class ExportHyperDasInterpreterCommand : EngineCmdlet
{
    [Parameter(Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public InterpreterHandle Interpreter { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessInput()
    {
        string folder = this.ResolveOutput(Path);
        Interpreter interpreter = Interpreter.ToEngine();
        if (!Force && File.Exists(System.IO.Path.Combine(folder, InterpreterStore.DescriptionFile)))
        {
            throw Errors.OutputExists(folder);
        }
        if (!ShouldProcess(folder, $"Export {Interpreter}"))
        {
            return;
        }
        Compute((_, _) => InterpreterStore.Save(interpreter, folder));
        InformWritten(folder);
        if (PassThru)
        {
            WriteObject(Interpreter);
        }
    }
}
