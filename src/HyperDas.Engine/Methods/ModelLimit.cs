namespace HyperDas.Engine.Methods;

/// <summary>A number of a method's options that the target model bounds.</summary>
/// <param name="Option">Name of the property.</param>
/// <param name="Value">What was asked for.</param>
/// <param name="Most">The largest that the model allows.</param>
/// <param name="What">What the largest is, e.g. <c>the target's hidden width</c>.</param>
public readonly record struct ModelLimit(string Option, int Value, int Most, string What)
{
    /// <summary>Refuses numbers that a model doesn't allow.</summary>
    /// <param name="limits">The numbers with their limits.</param>
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
