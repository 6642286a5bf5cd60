namespace HyperDas;

/// <summary>
/// One check of a target model, an interpreter or their examples: two ways of computing the same result that must agree, or a count of
/// faults.
/// </summary>
public sealed record ModelCheck
{
    /// <summary>Name of the check, e.g. <c>BatchedEqualsSingle</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the model, or description of the interpreter.</summary>
    public required string Model { get; init; }

    /// <summary>Whether the two ways agree within the tolerance, or no fault was counted.</summary>
    public required bool Passed { get; init; }

    /// <summary>
    /// Whether results would be wrong if the check fails, so an experiment isn't started. Other checks are for the user to judge, e.g.
    /// facts that the model doesn't know.
    /// </summary>
    public required bool Required { get; init; }

    /// <summary>
    /// If two ways are compared: the largest difference between two numbers of a vector, relative to the largest number of that vector. NaN
    /// if one of the ways gave a value that isn't finite.
    /// </summary>
    public double? LargestDifference { get; init; }

    /// <summary>The largest difference that passes.</summary>
    public double? Tolerance { get; init; }

    /// <summary>If faults are counted: their number.</summary>
    public long? Count { get; init; }

    /// <summary>The total number of items that were examined.</summary>
    public long? Total { get; init; }

    /// <summary>What is compared or counted.</summary>
    public required string Compares { get; init; }

    /// <summary>The result in words; if the check fails, also where it failed.</summary>
    public required string Detail { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {(Passed ? "passed" : "failed")}. {Detail}";
}
