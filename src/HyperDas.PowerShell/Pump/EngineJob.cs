using System.Collections.Concurrent;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace HyperDas.Pump;

/// <summary>
/// An engine call in the background, as PowerShell's own jobs are handled: <c>Receive-Job</c> gives its results, <c>Stop-Job</c> cancels it
/// and returns when its thread has ended, <c>Remove-Job</c> forgets it.
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

    // libtorch's own threads must not be amid a kernel when the process takes down its libraries.
    static EngineJob() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (EngineJob job in s_running.Keys)
        {
            job._stop.Cancel();
            job._worker.Join(s_exitPatience);
        }
    };

    /// <summary>Makes a job that waits for <see cref="Start"/>.</summary>
    /// <param name="command">The command line that it does.</param>
    /// <param name="cmdlet">Name of the cmdlet.</param>
    /// <param name="name">Name of the job; PowerShell makes one if null.</param>
    /// <param name="location">Device that it computes on.</param>
    /// <param name="uses">Native memory that it works on: released by nobody before it ends.</param>
    /// <param name="work">The engine call; it must check the token once per batch. What it returns is the job's output.</param>
    /// <param name="cancel">
    /// Of a job that follows what goes on without it: ends that, when the user stops the job. Neither the end of the session nor the
    /// removal of the job or of the module does. Null where the work ends with the job.
    /// </param>
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
    /// State and, of a failed job, reason. It hides what the base class says: Receive-Job reads that and would write the reason as one more
    /// error, without id and target, beside the one that is in the job's stream.
    /// </summary>
    public new JobStateInfo JobStateInfo => _reason is null ? base.JobStateInfo : new JobStateInfo(base.JobStateInfo.State, _reason);

    /// <summary>How far it is, e.g. <c>step 120 of 2000, loss 1.830</c>.</summary>
    public override string StatusMessage => _status;

    /// <summary>Stops the jobs that this thread's runspace started, and waits for them: the module is being removed from it.</summary>
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
            // Who follows the state is called on the worker, and may be waiting for whoever stops the job: Receive-Job -Wait holds it up
            // while it writes what is there already. For the same reason there is no state Stopping, which this thread would have to tell.
            Finished.WaitOne(s_statePatience);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // A job that was removed with -Force while it runs, unless it removes itself: Receive-Job -AutoRemoveJob follows its last state.
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
        // Everything is released and written before those who wait for the job go on.
        _released.Set();
        try
        {
            SetJobState(end);
        }
        catch (ObjectDisposedException)
        {
            // It was removed meanwhile: nobody waits for it.
        }
    }

    private static Guid ThisRunspace() => Runspace.DefaultRunspace?.InstanceId ?? Guid.Empty;

    private void Show(WorkProgress value)
    {
        _status = value.Status;
        // Only the latest: a job of days that nobody receives from must not fill memory.
        Progress.Clear();
        Progress.Add(value.ToRecord(Id));
    }
}
