using System.Management.Automation;
using HyperDas.Handles;

namespace HyperDas.Transforms;

/// <summary>
/// Takes what a training can start from: an interpreter, what Start-HyperDasTraining returned, or the path of an interpreter's folder.
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
                "An interpreter is needed: what Start-HyperDasTraining or Import-HyperDasModel -Interpreter returned, or the path of its folder",
                inputData),
        };
}
