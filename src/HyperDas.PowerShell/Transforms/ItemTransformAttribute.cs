using System.Management.Automation;
using HyperDas.Handles;

namespace HyperDas.Transforms;

/// <summary>
/// Takes files and folders for their paths before PowerShell looks whether another parameter takes them at the same place. All else goes
/// on as it is.
/// </summary>
internal sealed class ItemTransformAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => HandleArgument.Unwrap(inputData) switch
    {
        FileSystemInfo item => item.FullName,
        PathInfo path => path.ProviderPath,
        _ => inputData,
    };
}
