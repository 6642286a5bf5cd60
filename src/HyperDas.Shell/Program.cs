using System.Management.Automation.Runspaces;
using HyperDas.Shell;
using Microsoft.PowerShell;

string manifest = ModuleLocator.Find(AppContext.BaseDirectory);
Surroundings.Prepare(manifest);

InitialSessionState state = InitialSessionState.CreateDefault2();
state.ImportPSModule(manifest);

using Interruption interruption = new();
args = HostArguments.WithWholeInput(args);
int exitCode = ConsoleShell.Start(state, About.Banner, About.Help(manifest), args);
if (exitCode == HostArguments.NotStarted)
{
    // A thread of the session that couldn't be opened remains, for which the process would wait forever.
    Environment.Exit(exitCode);
}
return interruption.WasSeen && !HostArguments.ReadLines(args) ? Interruption.ExitCode(exitCode) : exitCode;
