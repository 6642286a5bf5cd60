using System.Diagnostics;
using System.Management.Automation;

namespace HyperDas.Pump;

/// <summary>Passes the engine's progress to the pipeline thread, at most five times a second.</summary>
internal sealed class EngineProgress(Action<Action> post, Action<WorkProgress> show) : IProgress<WorkProgress>
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(200);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _next = TimeSpan.Zero;

    public void Report(WorkProgress value)
    {
        if (_clock.Elapsed >= _next)
        {
            _next = _clock.Elapsed + s_interval;
            post(() => show(value));
        }
    }
}
