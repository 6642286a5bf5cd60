using System.Text.Json.Serialization;

namespace HyperDas;

/// <summary>One line of a training's metrics.</summary>
/// <param name="Step">Number of optimiser steps taken, 1-based.</param>
/// <param name="Epoch">Epoch, 0-based, that the step belongs to.</param>
/// <param name="Loss">Total loss.</param>
/// <param name="PredictionLoss">Weighted cross entropy over label tokens.</param>
/// <param name="SparsityLoss">Source-selection penalty before its weight.</param>
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
    /// <summary>What validation examples said after the step; null where none were looked at.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TrainingValidation? Validation { get; init; }

    /// <summary>Which groups of examples weigh most and least after the step; null where none is weighed, or in most steps.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TrainingWeights? Weights { get; init; }
}

/// <summary>What a finished training hands over.</summary>
public sealed record TrainingResult
{
    /// <summary>The trained interpreter; the receiver owns it.</summary>
    public required InterpreterHandle Interpreter { get; init; }

    /// <summary>Metrics of the steps that were logged, in order.</summary>
    public required IReadOnlyList<TrainingStep> Metrics { get; init; }

    /// <summary>Loss of the last step that was logged; null when nothing was trained.</summary>
    public double? FinalLoss => Metrics is { Count: > 0 } ? Metrics[^1].Loss : null;

    /// <summary>SHA-256 of the parameters that the training started from; null where it didn't start from an interpreter.</summary>
    public string? StartedFrom { get; init; }

    /// <summary>
    /// The step whose parameters the interpreter has: the best one that validation saw, or the last; 0 where none was better than the
    /// interpreter that the training started from.
    /// </summary>
    public int BestStep { get; init; }

    /// <summary>What validation examples said at <see cref="BestStep"/>; null where none were looked at.</summary>
    public TrainingValidation? Validation { get; init; }

    /// <summary>
    /// Where the layer was to be found: the layers that were looked at, best first, which was trained at. Otherwise none.
    /// </summary>
    public IReadOnlyList<LayerCandidate> Layers { get; init; } = [];

    /// <summary>Number of optimiser steps taken.</summary>
    public required int Steps { get; init; }

    /// <summary>Wall-clock time of the training.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Seed that everything random came from.</summary>
    public required long Seed { get; init; }

    /// <summary>Metrics file (JSON Lines), or null when none was asked for.</summary>
    public string? MetricsPath { get; init; }

    /// <summary>
    /// Where the prompts' hidden states came from since the training was started or gone on with; null when nothing was left to train.
    /// </summary>
    public ActivationUse? Activations { get; init; }
}

/// <summary>Progress of long work, for whoever shows it.</summary>
/// <param name="Activity">What is being done, e.g. <c>Training HyperDas</c>.</param>
/// <param name="Status">Where it stands, for a person.</param>
/// <param name="Completed">Units done.</param>
/// <param name="Total">Units in all, or 0 when unknown.</param>
/// <param name="Remaining">Estimated time left, or null when unknown.</param>
public sealed record WorkProgress(string Activity, string Status, long Completed, long Total, TimeSpan? Remaining = null);
