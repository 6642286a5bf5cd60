using System.Management.Automation;

namespace HyperDas.Transforms;

/// <summary>Accepts <c>Auto</c> instead of a layer: it is then found before the training.</summary>
internal sealed class LayerTransformAttribute : ArgumentTransformationAttribute
{
    /// <summary>Value of the word. As a layer it is invalid, like any number below 0.</summary>
    public const int Auto = int.MinValue;

    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is string text
            && text.Equals(nameof(Auto), StringComparison.OrdinalIgnoreCase) ? Auto
        : LanguagePrimitives.TryConvertTo(inputData, out int number) && number == Auto ? -1
        : inputData;
}
