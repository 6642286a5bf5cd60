using static TorchSharp.torch;

namespace HyperDas.Engine.Tests;

/// <summary>Counts native tensors, to find what code under test leaves behind.</summary>
internal static class LiveTensors
{
    /// <summary>
    /// The number of live tensors once the garbage of earlier tests is gone: a later collection of it would make the count fall in the
    /// middle of a test. Compare with <see cref="Tensor.TotalCount"/> afterwards, which no collection has embellished.
    /// </summary>
    internal static long Settle()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Tensor.TotalCount;
    }
}
