using System.Management.Automation;
using HyperDas.Pump;

namespace HyperDas.Transforms;

/// <summary>
/// Throws for a text that is no selection mode. PowerShell itself leaves a parameter at its default when the property of a piped record
/// can't be converted, and a mistyped row would get the answer to another question. An empty text is the default.
/// </summary>
internal sealed class SelectionModeTransformAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        if (PSObject.AsPSObject(inputData).BaseObject is not string text)
        {
            return inputData;
        }
        if (string.IsNullOrWhiteSpace(text))
        {
            // An empty table cell: the default.
            return SelectionMode.Soft;
        }
        return Enum.TryParse(text, ignoreCase: true, out SelectionMode mode) && Enum.IsDefined(mode)
            ? mode
            : throw new ArgumentTransformationMetadataException(
                Errors.InRow(RowCmdlet.RowBeingBound)
                    + $"Unknown selection mode '{text}'; it must be one of {string.Join(", ", Enum.GetNames<SelectionMode>())}.");
    }
}
