using System.Management.Automation;

namespace HyperDas.Shell.Hosting;

/// <summary>Progress for logs: one plain line per activity every half a minute, nothing for work that is shorter.</summary>
internal sealed class ProgressLines(TextWriter output, TimeProvider clock) : IProgressDisplay
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(30);
    private readonly Dictionary<int, long> _lastShown = [];

    public void Show(ProgressRecord record)
    {
        if (record.RecordType == ProgressRecordType.Completed)
        {
            _lastShown.Remove(record.ActivityId);
        }
        else if (!_lastShown.TryGetValue(record.ActivityId, out long last))
        {
            _lastShown[record.ActivityId] = clock.GetTimestamp();
        }
        else if (clock.GetElapsedTime(last) >= s_interval)
        {
            _lastShown[record.ActivityId] = clock.GetTimestamp();
            string percent = record.PercentComplete >= 0 ? $" ({record.PercentComplete} %)" : "";
            output.WriteLine($"{record.Activity}: {record.StatusDescription}{percent}");
        }
    }

    public void Clear()
    {
    }
}
