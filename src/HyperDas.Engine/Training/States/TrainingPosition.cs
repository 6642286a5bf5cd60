namespace HyperDas.Engine.Training.States;

/// <summary>Where a training stood when its state was written.</summary>
/// <param name="Step">Optimiser steps taken, over all concepts where they train by themselves.</param>
/// <param name="Place">The same for people, e.g. <c>step 120 of 900</c>.</param>
/// <param name="IsFinished">Whether there is nothing left to train.</param>
/// <param name="Threads">Threads that tensor operations had; with another number the last bits of a sum may differ.</param>
/// <param name="SavedAt">When the state was written.</param>
public sealed record TrainingPosition(int Step, string Place, bool IsFinished, int Threads, DateTimeOffset SavedAt)
{
    /// <inheritdoc/>
    public override string ToString() =>
        FormattableString.Invariant($"{Place}{(IsFinished ? ", finished" : "")}, written {SavedAt:yyyy-MM-dd HH:mm:ss}Z");
}
