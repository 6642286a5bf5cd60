using System.Collections.Concurrent;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace HyperDas.Pump;

/// <summary>
/// An engine call in the background that behaves like PowerShell's own jobs: <c>Receive-Job</c> returns its results, <c>Stop-Job</c>
/// cancels it and returns when its thread has ended, and <c>Remove-Job</c> removes it.
/// </summary>
internal sealed class EngineJob : Job
{
    private static readonly ConcurrentDictionary<EngineJob, Guid> s_running = new();
    private static readonly TimeSpan s_exitPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_statePatience = TimeSpan.FromSeconds(2);
    private readonly CancellationTokenSource _stop = new();
    private readonly ManualResetEventSlim _released = new();
    private readonly Thread _worker;
    private readonly Action? _cancel;
    private string _status = "";
    private volatile Exception? _reason;

    // libtorch's own threads must not be inside a kernel when the process unloads its libraries.
    static EngineJob() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (EngineJob job in s_running.Keys)
        {
            job._stop.Cancel();
            job._worker.Join(s_exitPatience);
        }
    };

    /// <summary>Creates a job that waits for <see cref="Start"/>.</summary>
    /// <param name="command">The command line.</param>
    /// <param name="cmdlet">Name of the cmdlet.</param>
    /// <param name="name">Name of the job; null for PowerShell's default.</param>
    /// <param name="location">The device.</param>
    /// <param name="uses">Native memory that it uses, which isn't released before the job ends.</param>
    /// <param name="work">The engine call; it must check the token once per batch. Its return values are the job's output.</param>
    /// <param name="cancel">For a job that follows an independent operation: ends that operation when the user stops the job, but not when
    /// the session ends or the job or module is removed. Null if the operation ends with the job.</param>
    public EngineJob(
        string command, string cmdlet, string? name, string location, IReadOnlyList<IDisposable> uses,
        Func<IProgress<WorkProgress>, CancellationToken, IEnumerable<object>> work,
        Action? cancel = null)
        : base(command, name)
    {
        _cancel = cancel;
        Location = location;
        PSJobTypeName = "HyperDasJob";
        _worker = new Thread(() => Run(uses, work)) { IsBackground = true, Name = $"HyperDas {cmdlet} (job {Id})" };
    }

    /// <inheritdoc/>
    public override bool HasMoreData => Output.Count + Error.Count + Progress.Count + Warning.Count > 0;

    /// <inheritdoc/>
    public override string Location { get; }

    /// <summary>
    /// State and, for a failed job, reason. It hides the base class's property: Receive-Job reads that and would write the reason as an
    /// additional error, without id and target, beside the one in the job's stream.
    /// </summary>
    public new JobStateInfo JobStateInfo => _reason is null ? base.JobStateInfo : new JobStateInfo(base.JobStateInfo.State, _reason);

    /// <summary>How far it is, e.g. <c>step 120 of 2000, loss 1.830</c>.</summary>
    public override string StatusMessage => _status;

    /// <summary>
    /// Stops the jobs that this thread's runspace started, and waits for them, because the module is being removed from it.
    /// </summary>
    public static void StopAllOfRunspace()
    {
        Guid runspace = ThisRunspace();
        foreach (EngineJob job in s_running.Where(j => j.Value == runspace).Select(j => j.Key).ToArray())
        {
            job.StopWork();
        }
    }

    public void Start()
    {
        s_running[this] = ThisRunspace();
        SetJobState(JobState.Running);
        _worker.Start();
    }

    /// <inheritdoc/>
    public override void StopJob()
    {
        try
        {
            _cancel?.Invoke();
        }
        catch (HyperDasException e)
        {
            Error.Add(e.ToErrorRecord());
        }
        StopWork();
    }

    private void StopWork()
    {
        _stop.Cancel();
        if (Thread.CurrentThread != _worker)
        {
            _released.Wait();
            // State handlers run on the worker and may wait for the thread that stops the job: Receive-Job -Wait blocks the worker
            // while it writes available output. For the same reason there is no state Stopping, which this thread would have to set.
            Finished.WaitOne(s_statePatience);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // A job that is removed with -Force while it runs, unless it removes itself: Receive-Job -AutoRemoveJob follows its last state.
        if (disposing && _worker.IsAlive && Thread.CurrentThread != _worker)
        {
            _stop.Cancel();
            _released.Wait();
            _worker.Join(s_statePatience);
        }
        base.Dispose(disposing);
    }

    private void Run(IReadOnlyList<IDisposable> uses, Func<IProgress<WorkProgress>, CancellationToken, IEnumerable<object>> work)
    {
        JobState end = JobState.Failed;
        try
        {
            foreach (object result in work(new EngineProgress(action => action(), Show), _stop.Token))
            {
                Output.Add(PSObject.AsPSObject(result));
            }
            end = JobState.Completed;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            end = JobState.Stopped;
        }
        catch (Exception e)
        {
            ErrorRecord record = e is HyperDasException known ? known.ToErrorRecord() : Errors.EngineFailed(e, this);
            _reason = record.Exception;
            Error.Add(record);
        }
        finally
        {
            foreach (IDisposable use in uses)
            {
                use.Dispose();
            }
        }
        s_running.TryRemove(this, out _);
        // Everything is released and written before waiters of the job continue.
        _released.Set();
        try
        {
            SetJobState(end);
        }
        catch (ObjectDisposedException)
        {
            // It was removed in the meantime: nothing waits for it.
        }
    }

    private static Guid ThisRunspace() => Runspace.DefaultRunspace?.InstanceId ?? Guid.Empty;

    private void Show(WorkProgress value)
    {
        _status = value.Status;
        // Only the latest record: a job that runs for days without Receive-Job must not fill memory.
        Progress.Clear();
        Progress.Add(value.ToRecord(Id));
    }
}
