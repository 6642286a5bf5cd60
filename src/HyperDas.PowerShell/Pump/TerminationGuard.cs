using System.Runtime.InteropServices;

namespace HyperDas.Pump;

/// <summary>
/// While it lives, SIGTERM (a scheduler's stop) and SIGHUP (a terminal or connection that closes) first cancel the work and wait until the
/// guard is disposed, and only then do what they do otherwise: the process ends with 143 or 129.
/// </summary>
internal sealed class TerminationGuard : IDisposable
{
    // Neither is disposed: the handler may still hold them when the work has ended.
    private readonly CancellationTokenSource _source;
    private readonly ManualResetEventSlim _ended = new();
    private readonly PosixSignalRegistration[] _registrations;

    /// <summary>Begins to listen.</summary>
    /// <param name="stop">Another reason to cancel the work.</param>
    public TerminationGuard(CancellationToken stop)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => CancelAndWait()),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, _ => CancelAndWait()),
        ];
    }

    /// <summary>What the work checks.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Says that the work has ended.</summary>
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
