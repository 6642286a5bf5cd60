using System.Management.Automation;
using HyperDas.Pump;
using HyperDas.Transforms;

namespace HyperDas.Commands;

/// <summary>Releases the native memory of models and interpreters.</summary>
[Cmdlet(VerbsCommon.Remove, "HyperDasModel", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveHyperDasModelCommand : EngineCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Model", "Interpreter")]
    [HandleTransform]
    public NativeHandle[] InputObject { get; set; } = [];

    protected override void ProcessInput() => ForEach(InputObject, handle =>
    {
        if (ShouldProcess(handle.ToString(), "Release from memory"))
        {
            handle.Dispose();
        }
    });
}
