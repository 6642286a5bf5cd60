using System.Management.Automation;

namespace HyperDas.Pump;

/// <summary>A handle that a command was given as a path: it is opened when the command needs it, not while parameters are bound.</summary>
internal interface IWaitingHandle
{
    /// <summary>Whether it is open already.</summary>
    public bool IsOpen { get; }

    /// <summary>The path, as the user wrote it.</summary>
    public string GivenPath { get; }

    /// <summary>Absolute paths of what the given one stands for.</summary>
    /// <param name="cmdlet">Whose location counts.</param>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>, <c>PathNotFileSystem</c>, <c>PathInvalid</c> or
    /// <c>PatternInvalid</c>.</exception>
    public IReadOnlyList<string> Find(PSCmdlet cmdlet);

    /// <summary>Takes its native memory, on the engine's thread.</summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Stops the work.</param>
    public void Open(string path, IProgress<WorkProgress> progress, CancellationToken cancellation);
}
