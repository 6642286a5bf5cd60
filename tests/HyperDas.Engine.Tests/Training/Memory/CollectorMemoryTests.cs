using HyperDas.Engine.Training.Memory;
using Xunit;

namespace HyperDas.Engine.Tests.Training.Memory;

public class CollectorMemoryTests
{
    [Theory]
    [InlineData(1, 40)]
    [InlineData(16, 40)]
    [InlineData(32, 110)]
    [InlineData(64, 180)]
    [InlineData(1024, 180)]
    public void More_gathers_with_a_larger_budget_within_bounds(long budget, long gathered) =>
        Assert.Equal(gathered, CollectorMemory.Bytes(budget << 20) >> 20);

    [Fact]
    public void The_collector_of_this_process_tells_its_budget()
    {
        Assert.True(GC.GetConfigurationVariables().TryGetValue("GCGen0MaxBudget", out object? budget) && budget is long and > 0);
        Assert.InRange(CollectorMemory.Bytes() >> 20, 40, 180);
    }
}
