using System.Diagnostics;
using HyperDas.Engine.Numerics;
using TorchSharp;
using Xunit;

namespace HyperDas.Engine.Tests.Numerics;

public sealed class CardMemoryTests
{
    // A driver with one card of 24 GiB.
    private const string Driver =
        """
        #include <stddef.h>
        int cuInit(unsigned flags) { return 0; }
        int cuDeviceGet(int *device, int index) { *device = 7; return index == 0 ? 0 : 101; }
        int cuDeviceTotalMem_v2(size_t *bytes, int device) { *bytes = device == 7 ? 24ull << 30 : 0; return 0; }
        """;

    [Fact]
    public void Without_a_driver_nothing_is_known() => Assert.Null(CardMemory.Total(0, "no-such-driver.so.1"));

    [Fact]
    public void A_library_that_is_no_driver_is_not_asked()
    {
        TorchRuntime.EnsureLoaded();
        string other = Directory.GetFiles(TorchRuntime.Folder!, "*c10*")[0];

        Assert.Null(CardMemory.Total(0, other));
    }

    [SkippableFact]
    public void The_driver_is_asked_for_the_card_of_that_number()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && File.Exists("/usr/bin/cc"), "The stand-in for a driver is compiled by cc.");
        using TemporaryFolder folder = new();
        string source = folder.Write("driver.c", Driver), library = Path.Combine(folder.Path, "libstandin.so");
        using Process compiler = Process.Start("/usr/bin/cc", ["-shared", "-fPIC", "-o", library, source]);
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);

        Assert.Equal(24L << 30, CardMemory.Total(0, library));
        Assert.Null(CardMemory.Total(1, library));
    }

    [SkippableFact]
    public void This_machine_has_a_card_where_libtorch_sees_one()
    {
        Skip.IfNot(torch.cuda.is_available(), "There is no card here.");

        Assert.InRange(CardMemory.Total(0)!.Value, 1L << 30, 1L << 45);
    }
}
