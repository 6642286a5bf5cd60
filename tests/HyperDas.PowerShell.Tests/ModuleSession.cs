using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Microsoft.PowerShell;

namespace HyperDas.PowerShell.Tests;

/// <summary>A runspace with the module imported: give it a script, look at what came out.</summary>
public sealed class ModuleSession : IDisposable
{
    private readonly Runspace _runspace;

    public ModuleSession()
    {
        InitialSessionState state = InitialSessionState.CreateDefault2();
        state.ImportPSModule(Repository.Manifest);
        state.ThrowOnRunspaceOpenError = true;
        if (OperatingSystem.IsWindows())
        {
            // pwsh's default; a program that hosts the engine is Restricted otherwise and can't read views.
            state.ExecutionPolicy = ExecutionPolicy.RemoteSigned;
        }
        _runspace = RunspaceFactory.CreateRunspace(state);
        _runspace.Open();
    }

    /// <summary>Runs a script; <c>$args</c> holds the arguments. Errors that stop the script are among the errors.</summary>
    public Outcome Run(string script, params object[] arguments)
    {
        using System.Management.Automation.PowerShell shell = System.Management.Automation.PowerShell.Create(_runspace);
        shell.AddScript(script);
        foreach (object argument in arguments)
        {
            shell.AddArgument(argument);
        }
        List<PSObject> output = [];
        List<ErrorRecord> errors = [];
        try
        {
            output.AddRange(shell.Invoke());
        }
        catch (RuntimeException e)
        {
            errors.Add(e.ErrorRecord);
        }
        errors.AddRange(shell.Streams.Error);
        return new Outcome(output, errors);
    }

    public void Dispose() => _runspace.Dispose();
}
