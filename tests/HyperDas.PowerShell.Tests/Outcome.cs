using System.Management.Automation;

namespace HyperDas.PowerShell.Tests;

/// <summary>What a script wrote.</summary>
/// <param name="Output">Objects of the output stream.</param>
/// <param name="Errors">Error records, the one that ended the script first.</param>
public sealed record Outcome(IReadOnlyList<PSObject> Output, IReadOnlyList<ErrorRecord> Errors)
{
    /// <summary>The output as text, one entry per object.</summary>
    public IEnumerable<string> Lines => Output.Select(o => o?.ToString() ?? "");

    /// <summary>The part of each error's id that the cmdlet's author chose.</summary>
    public IEnumerable<string> ErrorIds => Errors.Select(e => e.FullyQualifiedErrorId.Split(',')[0]);
}
