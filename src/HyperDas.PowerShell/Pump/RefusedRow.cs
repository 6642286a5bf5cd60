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

    /// <summary>An interpreter for a parameter that takes interpreters.</summary>
    /// <param name="row">The record.</param>
    /// <param name="why">What is needed instead.</param>
    /// <param name="hasCell">Whether the record has something else in the place of an interpreter.</param>
    public static InterpreterHandle Interpreter(PSObject row, string why, bool hasCell)
    {
        NoInterpreter standIn = new();
        s_refused.Add(standIn, new Refusal(row, why) { LacksColumn = !hasCell });
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
            if (one is string or RavelScore or NoInterpreter && s_refused.TryGetValue(one, out Refusal? refusal))
            {
                throw refusal.Why is null || (number > 0 && refusal.LacksColumn)
                    ? Errors.InRow(number, refusal.Row, Errors.RowIncomplete([parameter], refusal.Row, mayBeShared: false))
                    : Errors.InRow(number, refusal.Row, Errors.RowUnusable(refusal.Why, refusal.Row));
            }
        }
    }

    private sealed record Refusal(PSObject Row, string? Why)
    {
        // Whether a column would do, where the record is a row rather than an argument.
        public bool LacksColumn { get; init; }
    }

    // Nothing uses it: the command stops at it.
    private sealed class NoInterpreter : InterpreterHandle
    {
        public override string Method => "";

        public override ModelHandle Model => throw new InvalidOperationException("There is no model.");

        public override int Layer => 0;

        public override int FeatureDimension => 0;

        public override string Subspace => "";

        public override long ParameterCount => 0;

        public override string? Path => null;

        protected override void Dispose(bool disposing)
        {
        }
    }
}
