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
}
