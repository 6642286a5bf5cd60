using System.Management.Automation;
using HyperDas.Handles;

namespace HyperDas.Transforms;

/// <summary>
/// Accepts an interpreter, a result of Start-HyperDasTraining, or the path of an interpreter's folder as the start of a training.
/// </summary>
internal sealed class StartTransformAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        HandleArgument.Interpreter(inputData) ?? HandleArgument.Unwrap(inputData) switch
        {
            string path => path,
            FileSystemInfo folder => folder.FullName,
            PathInfo path => path.ProviderPath,
            null => inputData!,
            _ => throw HandleArgument.Refusal(
                "An interpreter is required: a result of Start-HyperDasTraining or Import-HyperDasModel -Interpreter, or the path of its folder",
                inputData),
        };
}
