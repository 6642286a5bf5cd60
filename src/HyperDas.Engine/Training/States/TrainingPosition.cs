namespace HyperDas.Engine.Training.States;

/// <summary>Position of a training when its state was written.</summary>
/// <param name="Step">Number of optimiser steps taken, over all concepts if these are trained separately.</param>
/// <param name="Place">The position for display, e.g. <c>step 120 of 900</c>.</param>
/// <param name="IsFinished">Whether the training is finished.</param>
/// <param name="Threads">Number of threads of tensor operations; with another number the last bits of a sum may differ.</param>
/// <param name="SavedAt">Time of writing.</param>
public sealed record TrainingPosition(int Step, string Place, bool IsFinished, int Threads, DateTimeOffset SavedAt)
{
    /// <inheritdoc/>
    public override string ToString() =>
        FormattableString.Invariant($"{Place}{(IsFinished ? ", finished" : "")}, written {SavedAt:yyyy-MM-dd HH:mm:ss}Z");
}
