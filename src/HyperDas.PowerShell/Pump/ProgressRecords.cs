using System.Management.Automation;

namespace HyperDas.Pump;

/// <summary>Converts the engine's progress to PowerShell's.</summary>
internal static class ProgressRecords
{
    public static ProgressRecord ToRecord(this WorkProgress value, int activityId) => new(
        activityId, value.Activity, NonEmpty(value.Status))
    {
        PercentComplete = value.Total > 0 ? (int)Math.Clamp(100 * value.Completed / value.Total, 0, 100) : -1,
        SecondsRemaining = value.Remaining is { } remaining ? (int)Math.Min(remaining.TotalSeconds, int.MaxValue) : -1,
    };

    // PowerShell rejects a record without a status.
    private static string NonEmpty(string status) => status.Length > 0 ? status : "…";
}
