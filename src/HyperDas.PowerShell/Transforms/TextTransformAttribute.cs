using System.Collections;
using System.Management.Automation;
using HyperDas.Handles;
using HyperDas.Pump;

namespace HyperDas.Transforms;

/// <summary>
/// Takes a text, or a record of the module that has a path, where PowerShell would make a text of anything: of a record without the
/// property, too, which would then be looked for as a file, or be written as one.
/// </summary>
/// <param name="needed">What is needed, as a sentence begins.</param>
/// <param name="properties">Properties of records that parameters of the command are read from.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TextTransformAttribute(string needed, params string[] properties) : ArgumentTransformationAttribute
{
    /// <summary>Whether other parameters take models, interpreters and results at the same place.</summary>
    public bool HasAlternatives { get; init; }

    /// <summary>Whether the command writes at the path, so that no record can be meant.</summary>
    public bool IsOutput { get; init; }

    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        if (HandleArgument.Unwrap(inputData) is not IList list)
        {
            return inputData is null ? inputData! : One(inputData);
        }
        object?[] items = [.. list.Cast<object?>().Select(item => item is null ? null : One(item))];
        return items.Zip(list.Cast<object?>()).All(pair => ReferenceEquals(pair.First, pair.Second)) ? inputData : items;
    }

    private object One(object input) => HandleArgument.Unwrap(input) switch
    {
        PSObject row => properties.Any(name => row.Properties[name] is not null) ? input : RefusedRow.Text(row),
        IDictionary table => RefusedRow.Text(PSObject.AsPSObject(table)),
        NativeHandle or TrainingResult or OpenHandle => HasAlternatives ? input : throw HandleArgument.Refusal(needed, input),
        { } own when own.GetType().Assembly == typeof(HyperDasException).Assembly && !own.GetType().IsEnum =>
            (IsOutput ? null : own.GetType().GetProperty(nameof(ExperimentResult.Path))?.GetValue(own) as string)
                ?? throw HandleArgument.Refusal(needed, input),
        _ => input,
    };
}
