namespace HyperDas;

/// <summary>
/// One thing that was checked of a target model, an interpreter or their examples: two ways of computing the same that must agree, or
/// faults that were counted.
/// </summary>
public sealed record ModelCheck
{
    /// <summary>Name of the check, e.g. <c>BatchedEqualsSingle</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the model or description of the interpreter that was checked.</summary>
    public required string Model { get; init; }

    /// <summary>Whether the two ways agree within the tolerance, or nothing was found to count.</summary>
    public required bool Passed { get; init; }

    /// <summary>
    /// Whether results would be wrong without it, so that an experiment isn't begun when it fails. What isn't required is counted for the
    /// user to judge, e.g. facts that the model doesn't know.
    /// </summary>
    public required bool Required { get; init; }

    /// <summary>
    /// Where two ways are compared: the largest difference between two numbers of a vector, as a share of the largest number of that
    /// vector. Not a number when a way gave a number that isn't finite.
    /// </summary>
    public double? LargestDifference { get; init; }

    /// <summary>The largest difference that passes.</summary>
    public double? Tolerance { get; init; }

    /// <summary>Where faults are counted: how many there are.</summary>
    public long? Count { get; init; }

    /// <summary>Of how many.</summary>
    public long? Total { get; init; }

    /// <summary>What is compared or counted.</summary>
    public required string Compares { get; init; }

    /// <summary>What was found, in words; where it was found when the check fails.</summary>
    public required string Detail { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {(Passed ? "passed" : "failed")}. {Detail}";
}
