using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Benchmarks;

/// <summary>The fastest that the processor computes: a large float32 matrix product.</summary>
internal static class MatrixProduct
{
    private const int Size = 1024, Rounds = 15;

    /// <summary>GFLOP per second of processor time, median.</summary>
    internal static double Peak() => Gflops(time => time.ProcessorSeconds);

    /// <summary>GFLOP per second on all threads, median.</summary>
    internal static double PeakByClock() => Gflops(time => time.Seconds);

    private static double Gflops(Func<Timing, double> seconds)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = rand(Size, Size), b = rand(Size, Size), c = empty(Size, Size);
        Timing time = Timing.InTurns(Rounds, _ => Multiply(a, b, c))[0];
        return 2e-9 * Size * Size * Size / seconds(time);

        static void Multiply(Tensor left, Tensor right, Tensor result) => result.addmm_(left, right, beta: 0, alpha: 1);
    }
}
