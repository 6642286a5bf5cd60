using System.ComponentModel;
using System.Management.Automation;

namespace HyperDas.Pump;

/// <summary>
/// Base of the cmdlets that call the engine. A derived class resolves its input, calls <see cref="Compute"/> and writes the result. This
/// class provides the worker thread, progress, Ctrl+C and the translation of an engine exception into one error record.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract partial class EngineCmdlet : PSCmdlet
{
    // Never disposed: it holds no timer and no wait handle, and StopProcessing may still be called after the command has ended.
    private readonly CancellationTokenSource _stop = new();
    private ProgressRecord? _lastProgress;

    /// <summary>Name of the job of <c>-AsJob</c>, from <c>-Name</c>; null if there is none.</summary>
    private protected virtual string? JobName => null;

    /// <summary>Whether errors contain the number of the pipeline's record.</summary>
    private protected virtual bool IsInputNumbered => false;

    /// <summary>Number of the current record among the bound records of the pipeline; 0 for none.</summary>
    private protected int InputNumber { get; private set; }

    /// <summary>Checks parameters that don't depend on input, before there is any; an error ends the command.</summary>
    private protected virtual void CheckParameters()
    {
    }

    /// <summary>Handles one input; an error ends this input, not the command.</summary>
    protected virtual void ProcessInput()
    {
    }

    /// <summary>Handles what requires all input; an error ends the command.</summary>
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

    /// <summary>Reports where a result was written, for sessions with <c>-InformationAction Continue</c> and for logs.</summary>
    /// <param name="path">File or folder.</param>
    private protected void InformWritten(string path) => WriteInformation($"{MyInvocation.MyCommand.Name} wrote '{path}'.", ["HyperDas"]);

    /// <summary>Warns if hidden states couldn't be stored in files: results are the same, and the next run computes them again.</summary>
    /// <param name="problem">The reason; null if they were stored.</param>
    private protected void WarnOfLostActivations(string? problem)
    {
        if (problem is not null)
        {
            WriteWarning(problem);
        }
    }

    /// <summary>Warns if a training resumes with a different number of threads.</summary>
    /// <param name="folder">Folder of its state.</param>
    /// <param name="threads">The number that it began with.</param>
    private protected void WarnOfOtherThreads(string folder, int threads) => WriteWarning(
        $"The state in '{folder}' was computed with {threads} threads, a different number from now: the last bits of the results may differ " +
        $"from those of an uninterrupted training. HYPERDAS_NUM_THREADS={threads} avoids that.");

    /// <summary>Adds the position in the input to an error, if the error itself doesn't identify it.</summary>
    /// <param name="error">As the engine or the cmdlet threw it.</param>
    private protected virtual HyperDasException Located(HyperDasException error) =>
        IsInputNumbered && error.ErrorId != Errors.RowIncompleteId ? Errors.InRow(InputNumber, error) : error;

    /// <summary>Does the same for several items of one input; an error ends its item, and the next item follows.</summary>
    private protected void ForEach<T>(IEnumerable<T> items, Action<T> step)
    {
        foreach (T item in items)
        {
            Guard(() => step(item), WriteError);
        }
    }

    /// <summary>Runs an engine call on its own thread and returns its result here, on the pipeline thread.</summary>
    /// <param name="work">The call. It must check the token once per batch, because a native kernel can't be interrupted.</param>
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

    /// <summary>Runs an engine call here, or as a background job for <c>Get-Job</c>.</summary>
    /// <param name="asJob">Whether to start a job.</param>
    /// <param name="location">The device.</param>
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
    /// <param name="location">The device.</param>
    /// <param name="work">As for <see cref="ComputeOrStartJob"/>; results produced one by one become available immediately.</param>
    /// <param name="name">Name of the job, if it isn't started by <c>-AsJob</c>.</param>
    /// <param name="cancel">As for <see cref="EngineJob"/>.</param>
    private protected void StartJob(
        string location, Func<IProgress<WorkProgress>, CancellationToken, IEnumerable<object>> work,
        string? name = null, Action? cancel = null)
    {
        List<IDisposable> uses = AcquireHandles(MyInvocation.MyCommand.Name + (JobName is null ? " (job)" : $" (job '{JobName}')"));
        // The job releases handles that the command loaded.
        uses.AddRange(_own);
        _own.Clear();
        EngineJob job = new(MyInvocation.Line.Trim(), MyInvocation.MyCommand.Name, JobName ?? name, location, uses, work, cancel);
        JobRepository.Add(job);
        job.Start();
        WriteObject(job);
    }

    /// <summary>Keeps the command's handles from being released by another thread while the engine uses them.</summary>
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
