using System.Collections;
using System.Management.Automation;
using HyperDas.Handles;
using HyperDas.Pump;

namespace HyperDas.Transforms;

/// <summary>Accepts an interpreter, or a result of Start-HyperDasTraining.</summary>
internal sealed class InterpreterTransformAttribute : ArgumentTransformationAttribute
{
    /// <summary>Whether other parameters accept other input at the same position.</summary>
    public bool HasAlternatives { get; init; }

    /// <summary>Whether the pipeline's records have it, so that the error for a record without it says which one.</summary>
    public bool IsOfRows { get; init; }

    /// <summary>Addition to the error message about an object that is easily confused with an interpreter.</summary>
    public string Hint { get; init; } = "";

    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        if (HandleArgument.Interpreter(inputData) is { } interpreter)
        {
            return interpreter;
        }
        if (inputData is null || HasAlternatives)
        {
            return inputData!;
        }
        if (!IsOfRows || HandleArgument.Unwrap(inputData) is not (PSObject or IDictionary))
        {
            throw Refusal(inputData);
        }
        PSObject row = PSObject.AsPSObject(inputData);
        object? cell = row.BaseObject is IDictionary ? null : row.Properties[nameof(TrainingResult.Interpreter)]?.Value;
        return RefusedRow.Interpreter(row, Refusal(cell ?? inputData).Message, hasCell: cell is not null);
    }

    private ArgumentTransformationMetadataException Refusal(object input) => HandleArgument.Refusal(
        "An interpreter is required: a result of Start-HyperDasTraining, or of Import-HyperDasModel with -Interpreter and -Model" + Hint,
        input);
}
