using System.Management.Automation;
using HyperDas.Engine.Experiments;

namespace HyperDas.Commands;

/// <summary>What the cmdlets that read experiments have in common.</summary>
internal static class ExperimentParameters
{
    /// <summary>The engine's options from a cmdlet's parameters; paths in settings are relative to where the session is.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="set">Settings that win over the document's.</param>
    /// <param name="outputPath">Folder of the runs, or null.</param>
    public static ExperimentReadOptions ReadOptions(this PSCmdlet cmdlet, string[] set, string? outputPath) => new()
    {
        Set = set,
        SetFolder = cmdlet.SessionState.Path.CurrentFileSystemLocation.ProviderPath,
        OutputPath = outputPath is null ? null : cmdlet.ResolveOutput(outputPath),
    };
}
