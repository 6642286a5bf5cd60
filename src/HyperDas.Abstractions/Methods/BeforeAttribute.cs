namespace HyperDas;

/// <summary>
/// Says of an option what versions did that didn't have it: their trainings go on with that value.
/// </summary>
/// <param name="value">The value as text.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class BeforeAttribute(string value) : Attribute
{
    /// <summary>The value as text.</summary>
    public string Value { get; } = value;
}
