using System.Management.Automation.Runspaces;
using HyperDas.Shell;
using Microsoft.PowerShell;

string manifest;
try
{
    manifest = ModuleLocator.Find(AppContext.BaseDirectory);
}
catch (FileNotFoundException e)
{
    Console.Error.WriteLine($"hyperdas: {e.Message}");
    return HostArguments.NotStarted;
}
Surroundings.Prepare(manifest);

InitialSessionState state = InitialSessionState.CreateDefault2();
state.ImportPSModule(manifest);
// Otherwise a session without the module would begin in silence.
state.ThrowOnRunspaceOpenError = true;

using Interruption interruption = new();
args = HostArguments.WithWholeInput(args);
int exitCode = ConsoleShell.Start(state, About.Banner, About.Help(manifest), args);
if (exitCode == HostArguments.NotStarted)
{
    // A thread of the session that couldn't be opened remains, for which the process would wait forever.
    Environment.Exit(exitCode);
}
return interruption.WasSeen && !HostArguments.ReadLines(args) ? Interruption.ExitCode(exitCode) : exitCode;
