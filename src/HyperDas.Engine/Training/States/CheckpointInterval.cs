using System.ComponentModel.DataAnnotations;

namespace HyperDas.Engine.Training.States;

/// <summary>How often a training writes its state while it runs; it also writes it when it is stopped or ends.</summary>
public sealed record CheckpointInterval
{
    /// <summary>Number of optimiser steps between states; null to use <see cref="Time"/>.</summary>
    [Range(1, int.MaxValue)]
    public int? Steps { get; init; }

    /// <summary>Time between states: the most work that a killed process can lose.</summary>
    [Range(0.0, double.MaxValue, MinimumIsExclusive = true)]
    public TimeSpan Time { get; init; } = TimeSpan.FromMinutes(1);
}
