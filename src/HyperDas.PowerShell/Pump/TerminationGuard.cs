using System.Runtime.InteropServices;

namespace HyperDas.Pump;

/// <summary>
/// While it lives, SIGTERM first cancels the work and waits until the guard is disposed, and only then does what it does otherwise:
/// pwsh ends with 143, the bundled shell stops its pipeline.
/// </summary>
internal sealed class TerminationGuard : IDisposable
{
    // Neither is disposed: the handler may still hold them when the work has ended.
    private readonly CancellationTokenSource _source;
    private readonly ManualResetEventSlim _ended = new();
    private readonly PosixSignalRegistration _registration;

    /// <summary>Begins to listen.</summary>
    /// <param name="stop">Another reason to cancel the work.</param>
    public TerminationGuard(CancellationToken stop)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _registration = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => CancelAndWait());
    }

    /// <summary>What the work checks.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Says that the work has ended.</summary>
    public void Dispose()
    {
        _ended.Set();
        _registration.Dispose();
    }

    private void CancelAndWait()
    {
        _source.Cancel();
        _ended.Wait();
    }
}
