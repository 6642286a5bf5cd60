using System.Collections;
using System.Management.Automation;
using HyperDas.Handles;

namespace HyperDas.Transforms;

/// <summary>Takes models, interpreters and what holds them, one or several, mixed as they come.</summary>
internal sealed class HandleTransformAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => HandleArgument.Unwrap(inputData) switch
    {
        null => inputData!,
        object?[] or IList => ((IEnumerable)HandleArgument.Unwrap(inputData)!).Cast<object?>()
            .Select(item => item is null ? null : One(item)).ToArray(),
        _ => One(inputData),
    };

    // A text isn't taken for a path here: what it names would have to be loaded first.
    private static NativeHandle One(object input) =>
        HandleArgument.Interpreter(input) as NativeHandle
        ?? (HandleArgument.Unwrap(input) is ModelHandle or OpenHandle ? HandleArgument.Model(input) : null)
        ?? throw HandleArgument.Refusal(
            "A model, an interpreter or the result of a training is needed; Get-HyperDasModel lists what is open", input);
}
