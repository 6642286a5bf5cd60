using System.Management.Automation;
using HyperDas.Pump;

namespace HyperDas.Transforms;

/// <summary>
/// Refuses a text that is no selection mode. PowerShell itself leaves a parameter at its default when the property of a piped record
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
            // An empty cell of a table: the default.
            return SelectionMode.Soft;
        }
        return Enum.TryParse(text, ignoreCase: true, out SelectionMode mode) && Enum.IsDefined(mode)
            ? mode
            : throw new ArgumentTransformationMetadataException(
                Errors.InRow(RowCmdlet.RowBeingBound)
                    + $"There is no selection mode '{text}'; there are {string.Join(", ", Enum.GetNames<SelectionMode>())}.");
    }
}
