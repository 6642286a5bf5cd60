using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using HyperDas.Engine.Files;
using HyperDas.Engine.Numerics;

namespace HyperDas.Engine.Experiments.Plans;

/// <summary>Executes the runs of a plan in parallel processes on this machine.</summary>
public static class LocalPlan
{
    private const int Terminate = 15;

    // Ctrl+C at a terminal is meant for the session, not for the processes it started; and a launcher program gets signals together
    // with its child.
    private static readonly string[] s_apart = File.Exists("/usr/bin/setsid") ? ["/usr/bin/setsid"] : [];
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1), s_look = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    /// <summary>Executes the runs and collects their results.</summary>
    /// <param name="plan">The unfinished runs.</param>
    /// <param name="options">Settings from outside the document.</param>
    /// <param name="throttle">Maximum number of concurrent processes.</param>
    /// <param name="prepare">Whether to run the model here, once for all processes.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Requests the processes to stop, and waits until they have written their states.</param>
    /// <returns>Each run as soon as it is finished, and the others at the end.</returns>
    /// <exception cref="HyperDasException">As <see cref="PlanFollower"/>; <c>SubmissionLocked</c>; what making examples throws.</exception>
    public static IEnumerable<ExperimentStatus> Run(
        ExperimentPlan plan, SubmissionOptions options, int throttle, bool prepare, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        using FolderLock held = FolderLock.Take(plan.Folder, "SubmissionLocked", "submission");
        if (prepare)
        {
            Submitter.Prepare(plan, progress, cancellation);
        }
        PlanScripts.Write(plan, options);
        Directory.CreateDirectory(PlanFolder.Logs(plan.Folder));
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task work = Task.Run(() => RunAll(plan, options, throttle, stop.Token), CancellationToken.None);
        try
        {
            foreach (ExperimentStatus status in new PlanFollower(plan).Follow(() => !work.IsCompleted, s_interval, progress, cancellation))
            {
                yield return status;
            }
        }
        finally
        {
            // When the enumeration ends early, the processes are stopped too, and their states are awaited.
            stop.Cancel();
            work.ContinueWith(_ => { }, TaskScheduler.Default).Wait(CancellationToken.None);
            _ = work.Exception;
        }
    }

    private static void RunAll(ExperimentPlan plan, SubmissionOptions options, int throttle, CancellationToken stop)
    {
        Parallel.ForEach(
            Partitioner.Create(plan.Tasks, EnumerablePartitionerOptions.NoBuffering),
            new ParallelOptions { MaxDegreeOfParallelism = throttle },
            task =>
            {
                if (!stop.IsCancellationRequested)
                {
                    Do(plan, options, throttle, PlanFolder.RunFile, task.Name, [task.Name], stop);
                }
            });
        if (!stop.IsCancellationRequested)
        {
            Do(plan, options, throttle, PlanFolder.GatherFile, "gather", [], stop);
        }
    }

    private static void Do(
        ExperimentPlan plan, SubmissionOptions options, int throttle, string script, string name, string[] arguments,
        CancellationToken stop)
    {
        string file = Path.Combine(plan.Folder, script);
        string[] words = [.. s_apart, .. options.Shell, "-NoProfile", "-NonInteractive", "-File", file, .. arguments];
        ProcessStartInfo start = new(words[0], words[1..])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            UseShellExecute = false, CreateNoWindow = true,
        };
        if (Environment.GetEnvironmentVariable(TorchRuntime.ThreadsVariable) is not { Length: > 0 })
        {
            int threads = Math.Max(1, Environment.ProcessorCount / throttle);
            start.Environment[TorchRuntime.ThreadsVariable] = threads.ToString(CultureInfo.InvariantCulture);
        }
        using StreamWriter log = new(Path.Combine(PlanFolder.Logs(plan.Folder), $"{name}.log"), append: true) { AutoFlush = true };
        try
        {
            using Process process = new() { StartInfo = start };
            process.OutputDataReceived += (_, e) => Write(e.Data);
            process.ErrorDataReceived += (_, e) => Write(e.Data);
            process.Start();
            process.StandardInput.Close();
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            using CancellationTokenRegistration registration = stop.Register(() => Stop(process));
            Stopwatch sinceStop = new();
            while (!process.WaitForExit(s_look))
            {
                if (stop.IsCancellationRequested && !sinceStop.IsRunning)
                {
                    sinceStop.Start();
                }
                if (sinceStop.Elapsed > s_patience)
                {
                    process.Kill(entireProcessTree: true);
                }
            }
            process.WaitForExit();
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            Write($"'{words[0]}' can't be started: {e.Message}");
        }

        void Write(string? line)
        {
            lock (log)
            {
                log.Write(line is null ? "" : line + "\n");
            }
        }
    }

    // SIGTERM, which makes the training write its state. Windows has no equivalent: the state of up to a minute ago remains.
    private static void Stop(Process process)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                process.Kill(entireProcessTree: true);
            }
            else
            {
                _ = Kill(s_apart.Length > 0 ? -process.Id : process.Id, Terminate);
            }
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended.
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}
