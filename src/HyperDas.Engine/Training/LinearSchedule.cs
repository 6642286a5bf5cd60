namespace HyperDas.Engine.Training;

/// <summary>
/// A value that changes linearly from start to end over total + 1 points, the first of which are replaced by 0 during a warm-up
/// (docs/methods.md#schedules).
/// </summary>
/// <param name="Start">Value at step 0 without a warm-up.</param>
/// <param name="End">Value at the last point.</param>
/// <param name="TotalSteps">Number of steps.</param>
/// <param name="WarmUpRatio">Fraction of the steps at which the value is 0.</param>
public sealed record LinearSchedule(double Start, double End, int TotalSteps, double WarmUpRatio = 0)
{
    /// <summary>The value at a step, 0-based.</summary>
    /// <param name="step">0 to <see cref="TotalSteps"/>.</param>
    public double At(int step) =>
        step < (int)(WarmUpRatio * TotalSteps) ? 0 : Start + ((End - Start) * step / Math.Max(1, TotalSteps));
}
