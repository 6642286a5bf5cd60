using System.Runtime.InteropServices;

namespace HyperDas.Pump;

/// <summary>
/// While it exists, SIGTERM (a scheduler's stop) and SIGHUP (a closed terminal or connection) first cancel the operation and wait until the
/// guard is disposed; then the process ends with 143 or 129 as usual.
/// </summary>
internal sealed class TerminationGuard : IDisposable
{
    // Neither is disposed: the handler may still use them after the operation has ended.
    private readonly CancellationTokenSource _source;
    private readonly ManualResetEventSlim _ended = new();
    private readonly PosixSignalRegistration[] _registrations;

    /// <summary>Starts listening.</summary>
    /// <param name="stop">Another reason to cancel the operation.</param>
    public TerminationGuard(CancellationToken stop)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => CancelAndWait()),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, _ => CancelAndWait()),
        ];
    }

    /// <summary>The token that the operation checks.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Signals that the operation has ended.</summary>
    public void Dispose()
    {
        _ended.Set();
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private void CancelAndWait()
    {
        _source.Cancel();
        _ended.Wait();
    }
}
