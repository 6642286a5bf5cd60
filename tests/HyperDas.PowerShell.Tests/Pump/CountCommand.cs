using System.Management.Automation;
using System.Runtime.InteropServices;
using HyperDas.Pump;

namespace HyperDas.PowerShell.Tests.Pump;

/// <summary>
/// A toy engine call: counts on the worker, reports each number as progress, and leaves a trace of when the worker ended.
/// </summary>
[Cmdlet(VerbsDiagnostic.Measure, "Count")]
public sealed class CountCommand : EngineCmdlet
{
    /// <summary>Number of toy workers that run now.</summary>
    public static int LiveWorkers;

    [Parameter(ValueFromPipeline = true)]
    public int To { get; set; } = 3;

    [Parameter]
    public string? FailWith { get; set; }

    [Parameter]
    public int PauseMilliseconds { get; set; }

    [Parameter]
    public SwitchParameter AsJob { get; set; }

    [Parameter]
    public string? Name { get; set; }

    private protected override string? JobName => Name;

    [Parameter]
    public ModelHandle? Model { get; set; }

    /// <summary>First a result, and then the count.</summary>
    [Parameter]
    public SwitchParameter Early { get; set; }

    protected override void ProcessInput() =>
        ComputeOrStartJob(AsJob, "nowhere", Early ? Results : (progress, stop) => [Count(progress, stop)]);

    private IEnumerable<object> Results(IProgress<WorkProgress> progress, CancellationToken stop)
    {
        yield return "early";
        yield return Count(progress, stop);
    }

    private string Count(IProgress<WorkProgress> progress, CancellationToken stop)
    {
        Interlocked.Increment(ref LiveWorkers);
        try
        {
            for (int i = 1; i <= To; i++)
            {
                stop.ThrowIfCancellationRequested();
                progress.Report(new WorkProgress("Counting", $"{i} of {To}", i, To));
                Thread.Sleep(PauseMilliseconds);
            }
            return FailWith switch
            {
                null => Thread.CurrentThread.Name ?? "",
                "CardMemory" => throw new ExternalException(
                    "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 23.60 GiB.\nException raised from malloc"),
                "Memory" => throw new ExternalException("[enforce fail at alloc_cpu.cpp:121] DefaultCPUAllocator: can't allocate memory"),
                "Surprise" => throw new DivideByZeroException("nobody expected this"),
                _ => throw new HyperDasException(FailWith, HyperDasErrorKind.InvalidData, "the toy is broken", To),
            };
        }
        finally
        {
            Interlocked.Decrement(ref LiveWorkers);
        }
    }
}
