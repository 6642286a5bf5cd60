namespace HyperDas.Engine.Training.Memory;

/// <summary>
/// What the garbage collector lets gather. It collects when new objects have filled a budget that it takes from the size of the processor's
/// cache, and what they hold outside, tensors above all, gathers with them: between a machine and the next a training differs by 100 MiB.
/// </summary>
internal static class CollectorMemory
{
    // Measured of the quickstart's experiment with budgets of 16, 64 and 128 MiB: 228 and 267, 307, and 367 and 374
    // MiB with the process itself, 188.
    private const double PerByte = 1.3;
    private const long Least = 20L << 20, LargestBudget = 128L << 20;

    // What the collector says of itself; a machine that we know nothing of is taken for a large one.
    private const string BudgetName = "GCGen0MaxBudget";

    /// <summary>Bytes that gather in this process, at the most.</summary>
    public static long Bytes() =>
        Bytes(GC.GetConfigurationVariables().TryGetValue(BudgetName, out object? budget) && budget is long known ? known : long.MaxValue);

    /// <summary>Bytes that gather with a budget.</summary>
    /// <param name="budget">Bytes of new objects after which the collector runs.</param>
    internal static long Bytes(long budget) => Least + (long)(PerByte * Math.Min(budget, LargestBudget));
}
