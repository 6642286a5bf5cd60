using System.Collections;
using System.Management.Automation;
using HyperDas.Handles;

namespace HyperDas.Transforms;

/// <summary>Accepts models, interpreters and objects that contain them, one or several, in any mixture.</summary>
internal sealed class HandleTransformAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => HandleArgument.Unwrap(inputData) switch
    {
        null => inputData!,
        object?[] or IList => ((IEnumerable)HandleArgument.Unwrap(inputData)!).Cast<object?>()
            .Select(item => item is null ? null : One(item)).ToArray(),
        _ => One(inputData),
    };

    // A text isn't interpreted as a path here: its model would have to be loaded first.
    private static NativeHandle One(object input) =>
        HandleArgument.Interpreter(input) as NativeHandle
        ?? (HandleArgument.Unwrap(input) is ModelHandle or OpenHandle ? HandleArgument.Model(input) : null)
        ?? throw HandleArgument.Refusal(
            "A model, an interpreter or the result of a training is required; Get-HyperDasModel lists open ones", input);
}
