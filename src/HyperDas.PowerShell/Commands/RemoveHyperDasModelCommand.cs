using System.Management.Automation;
using HyperDas.Pump;

namespace HyperDas.Commands;

/// <summary>Releases the native memory of models and interpreters.</summary>
[Cmdlet(VerbsCommon.Remove, "HyperDasModel", DefaultParameterSetName = "Model", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveHyperDasModelCommand : EngineCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Model")]
    public ModelHandle Model { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Interpreter")]
    public InterpreterHandle Interpreter { get; set; } = null!;

    protected override void ProcessInput()
    {
        IDisposable handle = ParameterSetName == "Model" ? Model : Interpreter;
        if (ShouldProcess(handle.ToString(), "Release from memory"))
        {
            handle.Dispose();
        }
    }
}
