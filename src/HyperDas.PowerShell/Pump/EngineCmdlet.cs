using System.ComponentModel;
using System.Management.Automation;

namespace HyperDas.Pump;

/// <summary>
/// Base of the cmdlets that call the engine. A derived class resolves its input, calls <see cref="Compute"/> and writes the result;
/// here are the worker thread, progress, Ctrl+C and the way from an engine's exception to one error record.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract partial class EngineCmdlet : PSCmdlet
{
    // Never disposed: it holds no timer and no wait handle, and StopProcessing may still come when the command has ended.
    private readonly CancellationTokenSource _stop = new();
    private ProgressRecord? _lastProgress;

    /// <summary>What <c>-Name</c> calls the job of <c>-AsJob</c>; null where there is none.</summary>
    private protected virtual string? JobName => null;

    /// <summary>Whether errors say of which of the pipeline's records they are.</summary>
    private protected virtual bool IsInputNumbered => false;

    /// <summary>Number of the pipeline's record that is being handled, of those that could be bound; 0 where there is none.</summary>
    private protected int InputNumber { get; private set; }

    /// <summary>Looks at parameters that no input decides, before there is any input; an error ends the command.</summary>
    private protected virtual void CheckParameters()
    {
    }

    /// <summary>Handles one input; an error ends this input, not the command.</summary>
    protected virtual void ProcessInput()
    {
    }

    /// <summary>Handles what can only be done when all input is known; an error ends the command.</summary>
    protected virtual void ProcessAll()
    {
    }

    /// <inheritdoc/>
    protected sealed override void BeginProcessing() => Guard(
        () =>
        {
            if (JobName is not null && !(MyInvocation.BoundParameters.TryGetValue("AsJob", out object? asJob) && (SwitchParameter)asJob))
            {
                this.LeaveOut("Name", Errors.JobNameUnused(JobName));
            }
            CheckParameters();
        },
        ThrowTerminatingError);

    /// <inheritdoc/>
    protected sealed override void ProcessRecord() => Guard(
        () =>
        {
            InputNumber += MyInvocation.ExpectingInput ? 1 : 0;
            foreach ((string name, object value) in MyInvocation.BoundParameters)
            {
                RefusedRow.ThrowIfAny(name, value, InputNumber);
                RecordCheck.ThrowIfIncomplete(value);
            }
            ProcessInput();
        },
        WriteError);

    /// <inheritdoc/>
    protected sealed override void EndProcessing() => Guard(
        () =>
        {
            InputNumber = 0;
            ProcessAll();
        },
        ThrowTerminatingError);

    /// <inheritdoc/>
    protected sealed override void StopProcessing() => _stop.Cancel();

    /// <summary>Says where a result was written, for sessions with <c>-InformationAction Continue</c> and for logs.</summary>
    /// <param name="path">File or folder.</param>
    private protected void InformWritten(string path) => WriteInformation($"{MyInvocation.MyCommand.Name} wrote '{path}'.", ["HyperDas"]);

    /// <summary>Warns when hidden states couldn't be kept in files: results are the same, and the next run computes them again.</summary>
    /// <param name="problem">Why not; null when they are there.</param>
    private protected void WarnOfLostActivations(string? problem)
    {
        if (problem is not null)
        {
            WriteWarning(problem);
        }
    }

    /// <summary>Warns that a training goes on with another number of threads than it was begun with.</summary>
    /// <param name="folder">Where its state is.</param>
    /// <param name="threads">The number that it was begun with.</param>
    private protected void WarnOfOtherThreads(string folder, int threads) => WriteWarning(
        $"The state in '{folder}' was computed with {threads} threads, which isn't the number now: the last bits of the results may differ " +
        $"from those of an undisturbed training. HYPERDAS_NUM_THREADS={threads} avoids that.");

    /// <summary>Says of an error where in the input it happened, where that isn't clear from the error itself.</summary>
    /// <param name="error">As the engine or the cmdlet threw it.</param>
    private protected virtual HyperDasException Located(HyperDasException error) =>
        IsInputNumbered && error.ErrorId != Errors.RowIncompleteId ? Errors.InRow(InputNumber, error) : error;

    /// <summary>Does the same for several items of one input; an error ends its item, and the next goes on.</summary>
    private protected void ForEach<T>(IEnumerable<T> items, Action<T> step)
    {
        foreach (T item in items)
        {
            Guard(() => step(item), WriteError);
        }
    }

    /// <summary>Runs an engine call on its own thread and returns its result here, on the pipeline thread.</summary>
    /// <param name="work">The call. It must check the token once per batch, since a native kernel can't be interrupted.</param>
    private protected T Compute<T>(Func<IProgress<WorkProgress>, CancellationToken, T> work)
    {
        EnginePump pump = new($"HyperDas {MyInvocation.MyCommand.Name}", _stop);
        List<IDisposable> uses = AcquireHandles(MyInvocation.MyCommand.Name);
        try
        {
            return pump.Run((post, token) => work(new EngineProgress(post, ShowProgress), token));
        }
        finally
        {
            foreach (IDisposable use in uses)
            {
                use.Dispose();
            }
            CompleteProgress();
        }
    }

    /// <summary>Runs an engine call here, or in the background as a job that <c>Get-Job</c> knows.</summary>
    /// <param name="asJob">Whether a job was asked for.</param>
    /// <param name="location">Device that it computes on.</param>
    /// <param name="work">The call. It must check the token once per batch, and not touch the cmdlet.</param>
    private protected void ComputeOrStartJob(
        bool asJob, string location, Func<IProgress<WorkProgress>, CancellationToken, IEnumerable<object>> work)
    {
        if (!asJob)
        {
            WriteObject(Compute(work), enumerateCollection: true);
            return;
        }
        StartJob(location, work);
    }

    /// <summary>Runs an engine call in the background and writes the job.</summary>
    /// <param name="location">Device that it computes on.</param>
    /// <param name="work">As for <see cref="ComputeOrStartJob"/>; results that it makes one by one are the job's as
    /// soon as they are there.</param>
    /// <param name="name">Name of the job, where <c>-AsJob</c> isn't what asks for it.</param>
    /// <param name="cancel">As for <see cref="EngineJob"/>.</param>
    private protected void StartJob(
        string location, Func<IProgress<WorkProgress>, CancellationToken, IEnumerable<object>> work,
        string? name = null, Action? cancel = null)
    {
        List<IDisposable> uses = AcquireHandles(MyInvocation.MyCommand.Name + (JobName is null ? " (job)" : $" (job '{JobName}')"));
        // What the command loaded is the job's to release.
        uses.AddRange(_own);
        _own.Clear();
        EngineJob job = new(MyInvocation.Line.Trim(), MyInvocation.MyCommand.Name, JobName ?? name, location, uses, work, cancel);
        JobRepository.Add(job);
        job.Start();
        WriteObject(job);
    }

    /// <summary>Keeps what the command was given from being released by another thread while the engine works on it.</summary>
    private List<IDisposable> AcquireHandles(string user)
    {
        List<IDisposable> uses = [];
        try
        {
            foreach (object value in MyInvocation.BoundParameters.Values)
            {
                if ((value is PSObject wrapped ? wrapped.BaseObject : value) is NativeHandle handle)
                {
                    uses.Add(OpenHandles.Use(handle, user));
                }
            }
            return uses;
        }
        catch
        {
            uses.ForEach(use => use.Dispose());
            throw;
        }
    }

    /// <summary>Runs an engine call without a result.</summary>
    private protected void Compute(Action<IProgress<WorkProgress>, CancellationToken> work) => Compute((progress, stop) =>
    {
        work(progress, stop);
        return true;
    });

    private void ShowProgress(WorkProgress value)
    {
        _lastProgress = value.ToRecord(activityId: GetHashCode() & int.MaxValue);
        WriteProgress(_lastProgress);
    }

    private void CompleteProgress()
    {
        if (_lastProgress is { } last && !_stop.IsCancellationRequested)
        {
            last.RecordType = ProgressRecordType.Completed;
            WriteProgress(last);
        }
        _lastProgress = null;
    }

    private void Guard(Action step, Action<ErrorRecord> report)
    {
        ErrorRecord record;
        try
        {
            step();
            return;
        }
        catch (HyperDasException e)
        {
            record = Located(e).ToErrorRecord();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        catch (Exception e) when (e is not (RuntimeException or FlowControlException))
        {
            record = Errors.EngineFailed(e, this);
        }
        report(record);
    }
}
