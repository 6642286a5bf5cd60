using System.Management.Automation;
using HyperDas.Handles;

namespace HyperDas.Transforms;

/// <summary>Accepts a model, the path of its folder, or an interpreter.</summary>
internal sealed class ModelTransformAttribute : ArgumentTransformationAttribute
{
    /// <summary>Whether other parameters accept paths and interpreters at the same position.</summary>
    public bool HasAlternatives { get; init; }

    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        if (inputData is null || (HasAlternatives && HandleArgument.Unwrap(inputData) is not OpenHandle))
        {
            HandleArgument.Interpreter(inputData);
            return inputData!;
        }
        return HandleArgument.Model(inputData) ?? (HasAlternatives ? inputData
            : throw HandleArgument.Refusal("A model is required: a result of Import-HyperDasModel, or the path of its folder", inputData));
    }
}
