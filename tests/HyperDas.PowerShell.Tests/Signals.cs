using System.Diagnostics;
using System.Runtime.InteropServices;
using Xunit;

namespace HyperDas.PowerShell.Tests;

/// <summary>POSIX signals to processes of the tests.</summary>
internal static class Signals
{
    public const int Hangup = 1, Interrupt = 2, Terminate = 15;

    /// <summary>
    /// A command line that makes a program handle signals as if it were started from a terminal: tests that are started in the background
    /// pass on a setting that ignores Ctrl+C.
    /// </summary>
    public static (string Program, string[] Arguments) Taking(string program, params string[] arguments)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "sends POSIX signals, and coreutils' env makes them taken");
        return ("env", ["--default-signal=INT,HUP,TERM", program, .. arguments]);
    }

    public static void Send(Process process, int signal) => Assert.Equal(0, Kill(process.Id, signal));

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int processId, int signal);
}
