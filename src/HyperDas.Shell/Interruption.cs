using System.Runtime.InteropServices;

namespace HyperDas.Shell;

/// <summary>
/// Notices Ctrl+C (SIGINT): pwsh stops what runs and then ends with 0 as if all had gone well, which schedulers and loops must not believe.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private const int Stopped = 128 + 2;
    private PosixSignalRegistration? _registration;

    public Interruption() => AppDomain.CurrentDomain.AssemblyLoad += ListenOnceTheHostDoes;

    public bool WasSeen { get; private set; }

    /// <summary>The exit code of an interrupted script: its own where it chose one.</summary>
    /// <param name="exitCode">The host's: 0 or 1 where the script chose none.</param>
    public static int ExitCode(int exitCode) => exitCode is 0 or 1 ? Stopped : exitCode;

    public void Dispose()
    {
        AppDomain.CurrentDomain.AssemblyLoad -= ListenOnceTheHostDoes;
        _registration?.Dispose();
    }

    // Windows asks the handler first that came last, and PowerShell's passes nothing on. The module is imported when that one is in place.
    private void ListenOnceTheHostDoes(object? sender, AssemblyLoadEventArgs loaded)
    {
        if (loaded.LoadedAssembly.GetName().Name == "HyperDas.PowerShell")
        {
            _registration ??= PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => WasSeen = true);
        }
    }
}
