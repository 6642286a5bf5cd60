using System.Collections;
using System.Management.Automation;
using HyperDas.Commands;

namespace HyperDas.Transforms;

/// <summary>
/// Allows a parameter to have its record as type, so that PowerShell completes the keys of a hashtable, although a hashtable contains only
/// differences from defaults that the command alone knows: a placeholder record represents it until <see cref="OptionOverlay"/> reads it.
/// </summary>
/// <param name="record">The record; has a parameterless constructor.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OptionTransformAttribute(Type record) : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        PSObject.AsPSObject(inputData).BaseObject is IDictionary named ? OptionOverlay.StandIn(record, named) : inputData;
}
