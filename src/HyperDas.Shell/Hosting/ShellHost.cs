using System.Globalization;
using System.Management.Automation.Host;

namespace HyperDas.Shell.Hosting;

/// <summary>The part of PowerShell that faces the console.</summary>
internal sealed class ShellHost : PSHost
{
    private readonly ShellUserInterface _ui = new();

    /// <summary>The number that <c>exit</c> was called with, or null.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>Number of error lines shown so far: errors that nobody handled.</summary>
    public int ErrorsShown => _ui.ErrorsShown;

    public override string Name => "HyperDas.Shell";

    public override Version Version => typeof(ShellHost).Assembly.GetName().Version ?? new Version(0, 0);

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override PSHostUserInterface UI => _ui;

    public override CultureInfo CurrentCulture => CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.CurrentCulture;

    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;

    /// <summary>Takes progress off the screen when a command ended without saying so.</summary>
    public void EndOfCommand() => _ui.ClearProgress();

    public override void EnterNestedPrompt() => throw new NotSupportedException("This shell has no nested prompt.");

    public override void ExitNestedPrompt()
    {
    }

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }
}
