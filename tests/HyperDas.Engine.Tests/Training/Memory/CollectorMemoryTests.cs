using HyperDas.Engine.Training.Memory;
using Xunit;

namespace HyperDas.Engine.Tests.Training.Memory;

public class CollectorMemoryTests
{
    [Theory]
    [InlineData(1, 21)]
    [InlineData(16, 40)]
    [InlineData(64, 103)]
    [InlineData(128, 186)]
    [InlineData(1024, 186)]
    public void More_gathers_with_a_larger_budget_up_to_a_bound(long budget, long gathered) =>
        Assert.Equal(gathered, CollectorMemory.Bytes(budget << 20) >> 20);

    [Fact]
    public void The_collector_of_this_process_tells_its_budget()
    {
        Assert.True(GC.GetConfigurationVariables().TryGetValue("GCGen0MaxBudget", out object? budget) && budget is long and > 0);
        Assert.InRange(CollectorMemory.Bytes() >> 20, 20, 186);
    }
}
