using System.Runtime.InteropServices;

namespace HyperDas.Shell;

/// <summary>
/// Detects Ctrl+C (SIGINT): pwsh stops the running command and then exits with 0, which schedulers and loops would take for success.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private const int Stopped = 128 + 2;
    private PosixSignalRegistration? _registration;

    public Interruption() => AppDomain.CurrentDomain.AssemblyLoad += ListenOnceTheHostDoes;

    public bool WasSeen { get; private set; }

    /// <summary>The exit code of an interrupted script: its own if it set one.</summary>
    /// <param name="exitCode">The host's: 0 or 1 if the script set none.</param>
    public static int ExitCode(int exitCode) => exitCode is 0 or 1 ? Stopped : exitCode;

    public void Dispose()
    {
        AppDomain.CurrentDomain.AssemblyLoad -= ListenOnceTheHostDoes;
        _registration?.Dispose();
    }

    // Windows calls the last handler first, and PowerShell's doesn't call others. The module is imported when that one is installed.
    private void ListenOnceTheHostDoes(object? sender, AssemblyLoadEventArgs loaded)
    {
        if (loaded.LoadedAssembly.GetName().Name == "HyperDas.PowerShell")
        {
            _registration ??= PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => WasSeen = true);
        }
    }
}
