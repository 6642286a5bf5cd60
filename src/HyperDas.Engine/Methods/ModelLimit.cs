namespace HyperDas.Engine.Methods;

/// <summary>An option of a method that the target model limits.</summary>
/// <param name="Option">Name of the property.</param>
/// <param name="Value">The requested value.</param>
/// <param name="Most">The largest allowed value.</param>
/// <param name="What">Meaning of the largest value, e.g. <c>the target's hidden width</c>.</param>
public readonly record struct ModelLimit(string Option, int Value, int Most, string What)
{
    /// <summary>Throws for values above their limit.</summary>
    /// <param name="limits">The options with their limits.</param>
    /// <exception cref="HyperDasException"><c>OptionInvalid</c>.</exception>
    public static void ThrowIfExceeded(IEnumerable<ModelLimit> limits)
    {
        foreach (ModelLimit limit in limits)
        {
            if (limit.Value < 1 || limit.Value > limit.Most)
            {
                throw new HyperDasException(
                    "OptionInvalid", HyperDasErrorKind.InvalidArgument,
                    $"{limit.Option} is {limit.Value}; it must be 1 to {limit.Most}, {limit.What}.", limit.Value);
            }
        }
    }
}
