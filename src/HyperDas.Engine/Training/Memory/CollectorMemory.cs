namespace HyperDas.Engine.Training.Memory;

/// <summary>
/// Memory that accumulates between garbage collections. A collection starts when new objects have used up a budget derived from the size of
/// the processor's cache; native memory that these objects hold, mainly tensors, accumulates with them. The memory of a training thus
/// differs by 100 MiB between machines.
/// </summary>
internal static class CollectorMemory
{
    // Measured with the quickstart's experiment and budgets of 16, 64 and 128 MiB: 228 and 267, 307, and 367 and 374
    // MiB including the process itself, 188.
    private const double PerByte = 1.3;
    private const long Least = 20L << 20, LargestBudget = 128L << 20;

    // The collector's own value; an unknown machine is assumed to be large.
    private const string BudgetName = "GCGen0MaxBudget";

    /// <summary>Maximum number of bytes that accumulate in this process.</summary>
    public static long Bytes() =>
        Bytes(GC.GetConfigurationVariables().TryGetValue(BudgetName, out object? budget) && budget is long known ? known : long.MaxValue);

    /// <summary>Number of bytes that accumulate with a budget.</summary>
    /// <param name="budget">Bytes of new objects after which a collection starts.</param>
    internal static long Bytes(long budget) => Least + (long)(PerByte * Math.Min(budget, LargestBudget));
}
