using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using HyperDas.Shell.Hosting;

namespace HyperDas.Shell;

/// <summary>One runspace with the HyperDas module imported: runs scripts, shows what they write, and can be stopped from another thread.</summary>
internal sealed class ShellSession : IDisposable
{
    // $? tells 'exit N' in the script from a native program in it that returned N: only the first is this program's exit code.
    private const string ScriptCall = "param($__script, $__named) & $__script @__named @args\nif (-not $? -and $LASTEXITCODE) { exit $LASTEXITCODE }";

    private readonly ShellHost _host;
    private readonly Runspace _runspace;
    private volatile PowerShell? _running;

    private ShellSession(ShellHost host, Runspace runspace, string modulePath, IReadOnlyList<string> missingCommands)
    {
        _host = host;
        _runspace = runspace;
        ModulePath = modulePath;
        MissingCommands = missingCommands;
    }

    /// <summary>The module's manifest.</summary>
    public string ModulePath { get; }

    /// <summary>Well-known commands of PowerShell that aren't here.</summary>
    public IReadOnlyList<string> MissingCommands { get; }

    public string PowerShellVersion => _runspace.Version.ToString(3);

    /// <summary>The number that <c>exit</c> was called with, or null while nobody has called it.</summary>
    public int? ExitCode => _host.ExitCode;

    public static ShellSession Open()
    {
        PSStyle.Instance.OutputRendering = Terminal.HasColour ? OutputRendering.Host : OutputRendering.PlainText;
        InitialSessionState state = InitialSessionState.CreateDefault2();
        IReadOnlyList<string> missing = Shell.MissingCommands.Of(state);
        string manifest = ModuleLocator.Find(AppContext.BaseDirectory);
        state.ImportPSModule(manifest);
        state.ThrowOnRunspaceOpenError = true;
        ShellHost host = new();
        Runspace runspace = RunspaceFactory.CreateRunspace(host, state);
        runspace.Open();
        return new ShellSession(host, runspace, manifest, missing);
    }

    /// <summary>Runs a script file as a command of its own, so that <c>param()</c>, <c>$args</c> and <c>$PSScriptRoot</c> work.</summary>
    public int RunFile(string path, IEnumerable<string> arguments)
    {
        string absolute = Path.GetFullPath(path);
        if (!File.Exists(absolute))
        {
            _host.UI.WriteErrorLine($"The script '{absolute}' doesn't exist.");
            return ExitCodes.BadUsage;
        }
        Command command = new(ScriptCall, isScript: true, useLocalScope: false);
        (Hashtable named, List<CommandParameter> rest) = ScriptArguments.Parse(arguments);
        command.Parameters.Add(null, absolute);
        command.Parameters.Add(null, named);
        foreach (CommandParameter argument in rest)
        {
            command.Parameters.Add(argument);
        }
        return Run(command);
    }

    public int RunScript(string text) => Run(new Command(text, isScript: true, useLocalScope: false));

    /// <summary>Asks what runs now to stop; false when nothing runs or a stop is under way already, so that the program may end.</summary>
    public bool Stop()
    {
        PowerShell? running = _running;
        if (running is null || running.InvocationStateInfo.State != PSInvocationState.Running)
        {
            return false;
        }
        running.BeginStop(null, null);
        return true;
    }

    public void Dispose() => _runspace.Dispose();

    private int Run(Command command)
    {
        using PowerShell shell = PowerShell.Create(_runspace);
        command.MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        shell.Commands.AddCommand(command).AddCommand("Out-Default");
        _running = shell;
        try
        {
            shell.Invoke();
        }
        catch (PipelineStoppedException)
        {
            return ExitCodes.Stopped;
        }
        catch (RuntimeException e)
        {
            ShowError(e.ErrorRecord);
            return ExitCodes.UnhandledError;
        }
        finally
        {
            _running = null;
            _host.EndOfCommand();
        }
        if (shell.InvocationStateInfo.State == PSInvocationState.Stopped)
        {
            return ExitCodes.Stopped;
        }
        return _host.ExitCode ?? (_host.ErrorsShown == 0 || EndedWithExitZero() ? ExitCodes.Success : ExitCodes.UnhandledError);
    }

    private bool EndedWithExitZero() => _runspace.SessionStateProxy.GetVariable("LASTEXITCODE") is 0;

    // Through the pipeline again, so that PowerShell's own error view formats it.
    private void ShowError(ErrorRecord error)
    {
        using PowerShell shell = PowerShell.Create(_runspace);
        shell.AddScript("[CmdletBinding()] param($Record) $PSCmdlet.WriteError($Record)", useLocalScope: true).AddArgument(error);
        shell.Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        shell.AddCommand("Out-Default");
        shell.Invoke();
    }
}
