namespace HyperDas;

/// <summary>The behaviour of versions that didn't have the option: their trainings resume with this value.</summary>
/// <param name="values">The value as text, and other values that mean the same; an empty text stands for null.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class BeforeAttribute(params string[] values) : Attribute
{
    /// <summary>The value as text, and other values that mean the same.</summary>
    public IReadOnlyList<string> Values { get; } = values;
}
