using System.Collections;
using System.Management.Automation;
using HyperDas.Commands;

namespace HyperDas.Transforms;

/// <summary>
/// Lets a parameter have its record for a type, so that PowerShell completes the keys of a hashtable, although a hashtable names only what
/// differs from defaults that the command alone knows: the record stands for it until <see cref="OptionOverlay"/> reads it.
/// </summary>
/// <param name="record">The record; has a constructor without parameters.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OptionTransformAttribute(Type record) : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        PSObject.AsPSObject(inputData).BaseObject is IDictionary named ? OptionOverlay.StandIn(record, named) : inputData;
}
