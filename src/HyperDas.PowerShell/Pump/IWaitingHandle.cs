using System.Management.Automation;

namespace HyperDas.Pump;

/// <summary>A handle given to a command as a path: it is opened when the command needs it, not during parameter binding.</summary>
internal interface IWaitingHandle
{
    /// <summary>Whether it is already open.</summary>
    public bool IsOpen { get; }

    /// <summary>The path, as written by the user.</summary>
    public string GivenPath { get; }

    /// <summary>Absolute paths that match the given one.</summary>
    /// <param name="cmdlet">The cmdlet whose location applies.</param>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>, <c>PathNotFileSystem</c>, <c>PathInvalid</c> or
    /// <c>PatternInvalid</c>.</exception>
    public IReadOnlyList<string> Find(PSCmdlet cmdlet);

    /// <summary>Loads its native memory, on the engine's thread.</summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    public void Open(string path, IProgress<WorkProgress> progress, CancellationToken cancellation);
}
