using System.ComponentModel;
using System.Management.Automation;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Training.States;
using HyperDas.Pump;

namespace HyperDas.Commands;

/// <summary>Base of the cmdlets that train: the folder of a training's state, and resuming from it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class TrainingCmdlet : EngineCmdlet
{
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? StatePath { get; set; }

    [Parameter]
    public int? CheckpointInterval { get; set; }

    [Parameter]
    public SwitchParameter Restart { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    private protected override string? JobName => Name;

    private CheckpointInterval Interval => new() { Steps = CheckpointInterval };

    private protected override void CheckParameters() =>
        ParameterLaw.ThrowIfBroken(Interval, "OptionInvalid", ("Steps", nameof(CheckpointInterval)));

    /// <summary>Whether the folder holds a training to go on with: what is in the output folder is then that training's own.</summary>
    private protected bool GoesOn => StatePath is not null && !Restart && TrainingState.Exists(this.ResolveOutput(StatePath));

    /// <summary>The target's number formats with which the training to resume began; null for a new one.</summary>
    /// <exception cref="HyperDasException"><c>StateCorrupt</c>.</exception>
    private protected NumberFormat? BegunFormat => GoesOn ? TrainingState.FormatOf(this.ResolveOutput(StatePath!)) : null;

    /// <summary>Addition to the texts of <c>-WhatIf</c> and <c>-Confirm</c>.</summary>
    private protected string StateAction =>
        StatePath is null || !TrainingState.Exists(this.ResolveOutput(StatePath)) ? ""
        : Restart ? $", discarding the state in '{StatePath}'"
        : $", resuming from '{StatePath}'";

    /// <summary>Throws for parameters that require a state folder.</summary>
    /// <exception cref="HyperDasException"><c>StatePathMissing</c>.</exception>
    private protected void CheckStateParameters()
    {
        if (StatePath is null && Restart)
        {
            this.LeaveOut(nameof(Restart), Errors.StatePathMissing(nameof(Restart)));
        }
        if (StatePath is null && CheckpointInterval is not null)
        {
            this.LeaveOut(nameof(CheckpointInterval), Errors.StatePathMissing(nameof(CheckpointInterval)));
        }
    }

    /// <summary>Opens the state folder and reports the position from which the training resumes.</summary>
    /// <returns>The state, to be passed to <see cref="Kept"/>; null without a folder.</returns>
    /// <exception cref="HyperDasException"><c>StateLocked</c>, <c>StateCorrupt</c>, <c>WriteFailed</c>.</exception>
    private protected TrainingState? OpenState()
    {
        if (StatePath is null)
        {
            return null;
        }
        TrainingState state = TrainingState.Open(
            this.ResolveOutput(StatePath), Interval, Restart);
        WriteVerbose(state.Position switch
        {
            null => $"The training starts from the beginning; its state is kept in '{state.Folder}'.",
            { IsFinished: true } position => $"The training in '{state.Folder}' has already ended ({position}); nothing is trained again.",
            { } position => $"The training resumes from '{state.Folder}': {position}.",
        });
        if (state.OtherThreads is int threads)
        {
            WarnOfOtherThreads(state.Folder, threads);
        }
        return state;
    }

    /// <summary>
    /// Adds a state folder to an operation: the folder is released at the end, and SIGTERM, which ends pwsh without cleanup, waits until
    /// the state is written.
    /// </summary>
    /// <param name="state">The state, or null.</param>
    /// <param name="work">The engine call.</param>
    private protected static Func<IProgress<WorkProgress>, CancellationToken, IEnumerable<object>> Kept(
        TrainingState? state,
        Func<IProgress<WorkProgress>, CancellationToken, IEnumerable<object>> work) => state is null ? work : (progress, stop) =>
    {
        using TrainingState held = state;
        using TerminationGuard guard = new(stop);
        try
        {
            return work(progress, guard.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw Errors.TrainingInterrupted(held.Folder);
        }
    };
}
