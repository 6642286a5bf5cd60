using System.Management.Automation;
using System.Runtime.CompilerServices;

namespace HyperDas.Pump;

/// <summary>
/// What takes the place of a record of the pipeline that lacks what a parameter needs, until the command reads the parameter: it alone
/// knows the record's number. PowerShell would make a text of the record, and the text a path, or an error without a number.
/// </summary>
internal static class RefusedRow
{
    private static readonly ConditionalWeakTable<object, Refusal> s_refused = [];

    /// <summary>A text for a parameter that takes texts.</summary>
    /// <param name="row">The record.</param>
    public static string Text(PSObject row)
    {
        string standIn = new("row".AsSpan());
        s_refused.Add(standIn, new Refusal(row, null));
        return standIn;
    }

    /// <summary>A score for a parameter that takes scores.</summary>
    /// <param name="row">The record.</param>
    /// <param name="why">What is needed instead.</param>
    public static RavelScore Score(PSObject row, string why)
    {
        RavelScore standIn = new()
        {
            Domain = "",
            Attribute = "",
            Method = "",
            SelectionMode = default,
            Cause = 0,
            Isolate = 0,
            CauseCount = 0,
            IsolateCount = 0,
        };
        s_refused.Add(standIn, new Refusal(row, why));
        return standIn;
    }

    /// <summary>Looks at a parameter's value and what is in it.</summary>
    /// <param name="parameter">Name of the parameter.</param>
    /// <param name="value">Its value.</param>
    /// <param name="number">Number of the record, from 1; 0 where nothing is piped.</param>
    /// <exception cref="HyperDasException"><c>RowIncomplete</c>.</exception>
    public static void ThrowIfAny(string parameter, object? value, int number)
    {
        object?[] parts = value is string[] or RavelScore[] ? (object?[])value : [value];
        foreach (object? one in parts)
        {
            if (one is string or RavelScore && s_refused.TryGetValue(one, out Refusal? refusal))
            {
                throw refusal.Why is null
                    ? Errors.InRow(number, refusal.Row, Errors.RowIncomplete([parameter], refusal.Row, mayBeShared: false))
                    : Errors.InRow(number, refusal.Row, Errors.RowUnusable(refusal.Why, refusal.Row));
            }
        }
    }

    private sealed record Refusal(PSObject Row, string? Why);
}
