using System.Management.Automation;
using Spectre.Console;

namespace HyperDas.Shell.Hosting;

/// <summary>
/// Progress bars on the terminal. Spectre.Console draws them on a thread of its own; they are taken away before anything else is
/// written and come back with the next record, so that output and bars never share a line.
/// </summary>
internal sealed class TerminalProgress : IProgressDisplay
{
    private readonly IAnsiConsole _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
    private readonly Dictionary<int, ProgressTask> _bars = [];
    private ProgressContext? _context;
    private TaskCompletionSource? _end;
    private Task _drawing = Task.CompletedTask;

    public void Show(ProgressRecord record)
    {
        if (record.RecordType == ProgressRecordType.Completed)
        {
            Complete(record.ActivityId);
            return;
        }
        _context ??= Start();
        if (!_bars.TryGetValue(record.ActivityId, out ProgressTask? bar))
        {
            bar = _context.AddTask(Describe(record));
            _bars[record.ActivityId] = bar;
        }
        bar.Description = Describe(record);
        bar.IsIndeterminate = record.PercentComplete < 0;
        bar.Value = Math.Max(record.PercentComplete, 0);
    }

    public void Clear()
    {
        if (_context is null)
        {
            return;
        }
        _end?.SetResult();
        _drawing.GetAwaiter().GetResult();
        _context = null;
        _bars.Clear();
    }

    private void Complete(int activityId)
    {
        if (_bars.Remove(activityId, out ProgressTask? bar))
        {
            bar.StopTask();
        }
        if (_bars.Count == 0)
        {
            Clear();
        }
    }

    private ProgressContext Start()
    {
        TaskCompletionSource<ProgressContext> started = new();
        TaskCompletionSource end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _end = end;
        _drawing = Task.Run(() => _console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn())
            .StartAsync(context =>
            {
                started.SetResult(context);
                return end.Task;
            }));
        return started.Task.GetAwaiter().GetResult();
    }

    private static string Describe(ProgressRecord record)
    {
        string left = record.SecondsRemaining > 0 ? $", {TimeSpan.FromSeconds(record.SecondsRemaining):m\\:ss} left" : "";
        return Markup.Escape($"{record.Activity}: {record.StatusDescription}{left}");
    }
}
