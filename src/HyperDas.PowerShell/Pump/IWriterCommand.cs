using System.Management.Automation;

namespace HyperDas.Pump;

/// <summary>
/// A cmdlet that writes files or folders. The rule is the same for all and stands in <see cref="EngineCmdlet"/>: missing folders are made,
/// what exists is replaced only with <c>-Force</c>, and <c>-WhatIf</c> writes nothing.
/// </summary>
internal interface IWriterCommand
{
    /// <summary>Replaces what exists.</summary>
    public SwitchParameter Force { get; set; }
}
