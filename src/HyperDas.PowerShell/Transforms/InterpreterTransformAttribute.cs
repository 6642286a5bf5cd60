using System.Management.Automation;
using HyperDas.Handles;

namespace HyperDas.Transforms;

/// <summary>Accepts an interpreter, or a result of Start-HyperDasTraining.</summary>
internal sealed class InterpreterTransformAttribute : ArgumentTransformationAttribute
{
    /// <summary>Whether other parameters accept other input at the same position.</summary>
    public bool HasAlternatives { get; init; }

    /// <summary>Addition to the error message about an object that is easily confused with an interpreter.</summary>
    public string Hint { get; init; } = "";

    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        HandleArgument.Interpreter(inputData) ?? (inputData is null || HasAlternatives ? inputData!
            : throw HandleArgument.Refusal(
                "An interpreter is required: a result of Start-HyperDasTraining, or of Import-HyperDasModel with -Interpreter and -Model"
                    + Hint, inputData));
}
