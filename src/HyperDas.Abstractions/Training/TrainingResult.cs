using System.Text.Json.Serialization;

namespace HyperDas;

/// <summary>One line of a training's metrics.</summary>
/// <param name="Step">Number of optimiser steps taken, 1-based.</param>
/// <param name="Epoch">Epoch, 0-based, that the step belongs to.</param>
/// <param name="Loss">Total loss.</param>
/// <param name="PredictionLoss">Weighted cross entropy over label tokens.</param>
/// <param name="SparsityLoss">Source-selection penalty before weighting.</param>
/// <param name="GradientNorm">Global gradient norm before clipping.</param>
/// <param name="LearningRate">Learning rate of the main parameter group.</param>
public sealed record TrainingStep(
    int Step,
    double Epoch,
    double Loss,
    double PredictionLoss,
    double SparsityLoss,
    double GradientNorm,
    double LearningRate)
{
    /// <summary>Results on validation examples after the step; null if there was no evaluation.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TrainingValidation? Validation { get; init; }

    /// <summary>
    /// The groups of examples with the largest and smallest weights after the step; null if groups aren't weighted, and in most steps.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TrainingWeights? Weights { get; init; }
}

/// <summary>Result of a finished training.</summary>
public sealed record TrainingResult
{
    /// <summary>The trained interpreter; the caller owns it.</summary>
    public required InterpreterHandle Interpreter { get; init; }

    /// <summary>Metrics of the logged steps, in order.</summary>
    public required IReadOnlyList<TrainingStep> Metrics { get; init; }

    /// <summary>Loss of the last logged step; null if nothing was trained.</summary>
    public double? FinalLoss => Metrics is { Count: > 0 } ? Metrics[^1].Loss : null;

    /// <summary>SHA-256 of the parameters that the training started from; null if it didn't start from an interpreter.</summary>
    public string? StartedFrom { get; init; }

    /// <summary>
    /// The step whose parameters the interpreter has: the best one according to validation, or the last; 0 if none was better than the
    /// interpreter that the training started from.
    /// </summary>
    public int BestStep { get; init; }

    /// <summary>Results on validation examples at <see cref="BestStep"/>; null if there was no evaluation.</summary>
    public TrainingValidation? Validation { get; init; }

    /// <summary>If the layer was to be found: the layers examined, best first; the training used the first. Otherwise empty.</summary>
    public IReadOnlyList<LayerCandidate> Layers { get; init; } = [];

    /// <summary>Number of optimiser steps taken.</summary>
    public required int Steps { get; init; }

    /// <summary>Wall-clock time of the training.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Seed of all random draws.</summary>
    public required long Seed { get; init; }

    /// <summary>Metrics file (JSON Lines), or null if none was requested.</summary>
    public string? MetricsPath { get; init; }

    /// <summary>
    /// Where the prompts' hidden states came from since the training was started or resumed; null if nothing was left to train.
    /// </summary>
    public ActivationUse? Activations { get; init; }
}

/// <summary>Progress of a long operation.</summary>
/// <param name="Activity">The operation, e.g. <c>Training HyperDas</c>.</param>
/// <param name="Status">The current status, for display.</param>
/// <param name="Completed">Units done.</param>
/// <param name="Total">Total number of units, or 0 if unknown.</param>
/// <param name="Remaining">Estimated time left, or null if unknown.</param>
public sealed record WorkProgress(string Activity, string Status, long Completed, long Total, TimeSpan? Remaining = null);
