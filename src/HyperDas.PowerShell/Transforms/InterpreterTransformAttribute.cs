using System.Management.Automation;
using HyperDas.Handles;

namespace HyperDas.Transforms;

/// <summary>Takes what is meant where an interpreter is needed: also what Start-HyperDasTraining returned.</summary>
internal sealed class InterpreterTransformAttribute : ArgumentTransformationAttribute
{
    /// <summary>Whether other parameters take other things at the same place.</summary>
    public bool HasAlternatives { get; init; }

    /// <summary>Said beside what is needed, where something else is easily taken for it.</summary>
    public string Hint { get; init; } = "";

    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        HandleArgument.Interpreter(inputData) ?? (inputData is null || HasAlternatives ? inputData!
            : throw HandleArgument.Refusal(
                "An interpreter is needed: what Start-HyperDasTraining, or Import-HyperDasModel with -Interpreter and -Model, returned"
                    + Hint, inputData));
}
