using System.Collections;
using System.Management.Automation;
using HyperDas.Handles;

namespace HyperDas.Transforms;

/// <summary>
/// Says what is needed where something else is given: PowerShell only says that the one can't become the other, or that it can't be bound.
/// </summary>
/// <param name="record">The record that is needed. What PowerShell makes one of, e.g. a hashtable, goes on to PowerShell.</param>
/// <param name="needed">What is needed, as a sentence begins.</param>
[AttributeUsage(AttributeTargets.Property)]
internal class RecordTransformAttribute(Type record, string needed) : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? own = HandleArgument.Unwrap(inputData);
        if (own is IList list)
        {
            foreach (object? item in list)
            {
                ThrowIfOther(item);
            }
        }
        else
        {
            ThrowIfOther(inputData);
        }
        return inputData;
    }

    private void ThrowIfOther(object? input)
    {
        if (HandleArgument.Unwrap(input) is { } own && !record.IsInstanceOfType(own)
            && (own is string or FileSystemInfo or NativeHandle || own.GetType().IsPrimitive
                || own.GetType().Assembly == typeof(HyperDasException).Assembly))
        {
            throw HandleArgument.Refusal(needed, input);
        }
    }
}
