using System.Management.Automation;

namespace HyperDas.Pump;

/// <summary>
/// A cmdlet that writes files or folders. <see cref="EngineCmdlet"/> implements the common rules: missing folders are created, existing
/// files are replaced only with <c>-Force</c>, and <c>-WhatIf</c> writes nothing.
/// </summary>
internal interface IWriterCommand
{
    /// <summary>Whether existing files are replaced.</summary>
    public SwitchParameter Force { get; set; }
}
