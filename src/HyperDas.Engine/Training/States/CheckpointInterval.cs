using System.ComponentModel.DataAnnotations;

namespace HyperDas.Engine.Training.States;

/// <summary>How often a training writes its state while it runs; when it is stopped or ends it writes it in any case.</summary>
public sealed record CheckpointInterval
{
    /// <summary>Write after every so many optimiser steps; null to go by <see cref="Time"/>.</summary>
    [Range(1, int.MaxValue)]
    public int? Steps { get; init; }

    /// <summary>Write when so much time has passed since the last time; what a killed process loses at most.</summary>
    [Range(0.0, double.MaxValue, MinimumIsExclusive = true)]
    public TimeSpan Time { get; init; } = TimeSpan.FromMinutes(1);
}
