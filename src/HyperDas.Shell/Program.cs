using System.Globalization;
using System.Runtime.InteropServices;
using HyperDas.Shell;
using HyperDas.Shell.Hosting;

CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = new ShellCulture();

CommandLine line;
try
{
    line = CommandLine.Parse(args, Console.IsInputRedirected);
}
catch (ArgumentException e)
{
    Console.Error.WriteLine(e.Message);
    return ExitCodes.BadUsage;
}

if (line.Action == ShellAction.Version)
{
    Console.WriteLine(About.Version);
    return ExitCodes.Success;
}

using ShellSession session = ShellSession.Open();
if (line.Action == ShellAction.Help)
{
    Console.WriteLine(About.Help(session));
    return ExitCodes.Success;
}

Console.CancelKeyPress += (_, e) => e.Cancel = session.Stop();
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, e => e.Cancel = session.Stop());

return line.Action switch
{
    ShellAction.File => session.RunFile(line.Text, line.Arguments),
    ShellAction.Command => session.RunScript(line.Text),
    ShellAction.StandardInput => session.RunScript(Console.In.ReadToEnd()),
    _ => new InteractiveLoop(session).Run(),
};
