using static TorchSharp.torch;

namespace HyperDas.Engine.Training.States;

/// <summary>Metrics as numbers in a state: 56 bytes per step.</summary>
internal static class MetricsTensor
{
    public const string Name = "metrics";
    public const int Columns = 7;

    /// <summary>Converts metrics to numbers.</summary>
    /// <returns><c>[steps, 7]</c>, float64, in the caller's dispose scope.</returns>
    public static Tensor Create(IReadOnlyList<TrainingStep> steps)
    {
        if (steps.Count == 0)
        {
            return zeros([0, Columns], ScalarType.Float64);
        }
        double[] numbers =
        [
            .. steps.SelectMany(s => (double[])[s.Step, s.Epoch, s.Loss, s.PredictionLoss, s.SparsityLoss, s.GradientNorm, s.LearningRate])
        ];
        return tensor(numbers, ScalarType.Float64).view(steps.Count, Columns);
    }

    /// <summary>Converts numbers to metrics.</summary>
    /// <param name="numbers"><c>[steps, 7]</c>, float64.</param>
    public static IReadOnlyList<TrainingStep> Read(Tensor numbers) => numbers.shape[0] == 0
        ? []
        : [.. numbers.data<double>().ToArray().Chunk(Columns).Select(r => new TrainingStep((int)r[0], r[1], r[2], r[3], r[4], r[5], r[6]))];
}
