using HyperDas.Engine.Numerics;
using TorchSharp;
using Xunit;

namespace HyperDas.Engine.Tests.Numerics;

public class TorchRuntimeTests
{
    [Fact]
    public void Libtorch_comes_from_the_programs_own_folder()
    {
        TorchRuntime.EnsureLoaded();

        Assert.Equal(Path.Combine(AppContext.BaseDirectory, "native"), TorchRuntime.Folder);
        using torch.Tensor sum = torch.ones(2, 3).sum();
        Assert.Equal(6f, sum.item<float>());
    }

    [Fact]
    public void TorchSharp_did_not_fall_back_to_the_package_cache()
    {
        TorchRuntime.EnsureLoaded();

        Assert.False(Directory.Exists(Path.Combine(AppContext.BaseDirectory, "cpu")));
    }

    [Theory]
    [InlineData(null, null, 8)]
    [InlineData(null, "2", 2)]
    [InlineData(null, "16", 8)]
    [InlineData("3", "2", 3)]
    [InlineData("none", "2", 2)]
    [InlineData("0", "-1", 8)]
    public void Threads_follow_the_user_then_slurm_within_what_the_process_may_use(string? chosen, string? task, int expected)
    {
        Dictionary<string, string?> variables = new() { [TorchRuntime.ThreadsVariable] = chosen, ["SLURM_CPUS_PER_TASK"] = task };

        Assert.Equal(expected, TorchRuntime.ThreadCount(name => variables[name], processors: 8));
    }
}
