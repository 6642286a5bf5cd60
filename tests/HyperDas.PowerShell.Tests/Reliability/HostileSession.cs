using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace HyperDas.PowerShell.Tests.Reliability;

/// <summary>
/// A runspace with one of everything that cmdlets take, whole (<c>$model</c>, <c>$dataset</c>, …) and spoilt (<c>$released</c>, …), in a
/// folder of its own.
/// </summary>
public sealed class HostileSession : IDisposable
{
    // Some values are valid and never end: they are stopped after this time.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1.5);

    // A stopped call must end within this time, even on a busy machine.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private readonly Runspace _runspace;
    private readonly Dictionary<string, byte[]> _files;
    private int _calls;

    public HostileSession()
    {
        InitialSessionState state = InitialSessionState.CreateDefault2();
        state.ImportPSModule(Repository.Manifest);
        state.ThrowOnRunspaceOpenError = true;
        _runspace = RunspaceFactory.CreateRunspace(state);
        _runspace.Open();
        Evaluate(Things, Folder, Repository.Root);
        _files = Directory.GetFiles(Folder, "*", SearchOption.AllDirectories).ToDictionary(file => file, File.ReadAllBytes);
    }

    /// <summary>Where relative paths of calls lead.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("hyperdas hostile ").FullName;

    private static string Things { get; } =
        """
        param($folder, $root)
        $ErrorActionPreference = 'Stop'; $WarningPreference = 'SilentlyContinue'; $ProgressPreference = 'SilentlyContinue'
        . "$root/tests/Pester/common.ps1"
        [void] $ExecutionContext.SessionState.Path.SetLocation([WildcardPattern]::Escape($folder))
        $global:toy = $toyPath
        $global:ravel = $ravelPath
        $global:model = Import-HyperDasModel $toyPath
        $global:other = Import-HyperDasModel "$root/examples/models/mini-llama"
        $global:dataset = New-ToyDataset
        $global:domain = Import-RavelDataset $ravelPath -Domain verb
        $global:training = New-ToyTraining $model $dataset
        $global:interpreter = $training.Interpreter
        $global:foreign = (Start-HyperDasTraining $other $dataset -Layer 2 -FeatureDimension 8 -Blocks 1 -MaxSteps 1 -BatchSize 4).Interpreter
        $global:intervention = Invoke-HyperDasIntervention $interpreter 'Vienna is in' 'I love Paris' 'the country of a city' -MaxNewTokens 2
        $global:scores = Measure-RavelScore $interpreter $dataset -BootstrapCount 0
        $global:measured = "$folder/measured.json"
        [void] (Measure-RavelScore $interpreter $dataset -BootstrapCount 0 -OutputPath $measured -Force)
        $global:saved = "$folder/saved interpreter"
        Export-HyperDasInterpreter -Interpreter $interpreter $saved -Force
        $global:sweep = "$folder/sweep/toy.yaml"
        if (-not [System.IO.File]::Exists($sweep)) { [void] (New-ToySweep "$folder/sweep") }
        $global:rows = "$folder/rows.jsonl"
        Export-RavelDataset -Dataset $dataset $rows -Force
        $global:released = Import-HyperDasModel $toyPath
        $global:orphan = (New-ToyTraining $released $dataset).Interpreter
        $released.Dispose()
        $global:gone = (New-ToyTraining $model $dataset).Interpreter
        $gone.Dispose()
        $counts = [HyperDas.RavelBuildCounts]::new(0, 0, 0, 0)
        $none = [HyperDas.RavelExample[]]@()
        $global:empty = [HyperDas.RavelDataset]::new('empty', [string[]]@(), [string[]]@(), $none, $none, $none, 1, $counts)
        $global:hollow = [HyperDas.RavelDataset]::new($null, $null, $null, $null, $null, $null, 1, $null)
        $spoilt = [HyperDas.RavelExample[]] @([HyperDas.RavelExample]@{ Domain = 'city' })
        $global:holes = [HyperDas.RavelDataset]::new('holes', [string[]]'city', [string[]]'Country', $spoilt, $spoilt, $spoilt, 1, $counts)
        $long = New-ToyExample Cause Vienna Paris
        $long = [HyperDas.RavelExample[]] @([HyperDas.RavelExample]@{
            Domain = 'city'; Kind = 'Cause'; Attribute = 'Country'; AskedAttribute = 'Country'; Instruction = 'x' * 3000; BaseEntity = 'Vienna'; SourceEntity = 'Paris'
            BasePrefix = 'Vienna' * 2000; BaseSuffix = ''; SourcePrefix = 'Paris' * 2000; SourceSuffix = ''; BaseTemplate = '%s'; BaseValue = 'A'; SourceValue = 'B' })
        $global:endless = [HyperDas.RavelDataset]::new('long', [string[]]'city', [string[]]'Country', $long, $long, $long, 1, $counts)
        """;

    /// <summary>The objects that a script writes.</summary>
    public IReadOnlyList<PSObject> Evaluate(string script, params object[] arguments)
    {
        using System.Management.Automation.PowerShell shell = System.Management.Automation.PowerShell.Create(_runspace);
        shell.AddScript(script);
        Array.ForEach(arguments, argument => shell.AddArgument(argument));
        return [.. shell.Invoke()];
    }

    /// <summary>Fresh arguments for a call: a hashtable in which <c>$out</c> is a path where nothing exists yet.</summary>
    public Dictionary<string, object?> Arguments(string hashtable)
    {
        Repair();
        _runspace.SessionStateProxy.SetVariable("out", Path.Combine(Folder, $"out {_calls++}"));
        System.Collections.Hashtable made = (System.Collections.Hashtable)Evaluate(hashtable).Single().BaseObject;
        return made.Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(e => (string)e.Key, e => (object?)e.Value, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Calls a cmdlet and waits for its end; what takes long is stopped.</summary>
    /// <returns>Its errors, those of its job included.</returns>
    public IReadOnlyList<ErrorRecord> Call(string cmdlet, Dictionary<string, object?> arguments)
    {
        using System.Management.Automation.PowerShell shell = System.Management.Automation.PowerShell.Create(_runspace);
        shell.AddCommand(cmdlet);
        foreach ((string name, object? value) in arguments)
        {
            shell.AddParameter(name, value);
        }
        List<ErrorRecord> errors = [];
        PSDataCollection<PSObject> output = [];
        IAsyncResult running = shell.BeginInvoke<PSObject, PSObject>(null, output);
        bool ended = running.AsyncWaitHandle.WaitOne(s_patience);
        if (!ended && !Task.Run(shell.Stop).Wait(s_limit))
        {
            // The next call would wait for this runspace.
            throw new InvalidOperationException($"{cmdlet} can't be stopped.");
        }
        try
        {
            shell.EndInvoke(running);
        }
        catch (PipelineStoppedException) when (!ended)
        {
        }
        catch (RuntimeException e)
        {
            errors.Add(e.ErrorRecord);
        }
        errors.AddRange(shell.Streams.Error);
        foreach (PSObject result in output.Where(o => o is not null))
        {
            errors.AddRange(Release(result, arguments));
        }
        return errors;
    }

    public void Dispose()
    {
        _runspace.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    // Some calls correctly release their input or write to the given path; everything is restored for the next call.
    private void Repair()
    {
        foreach ((string file, byte[] content) in _files)
        {
            if (!File.Exists(file) || !File.ReadAllBytes(file).AsSpan().SequenceEqual(content))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                File.WriteAllBytes(file, content);
            }
        }
        if (Evaluate("$model, $other, $interpreter, $foreign | ForEach-Object IsDisposed").Any(disposed => (bool)disposed.BaseObject))
        {
            Evaluate(Things, Folder, Repository.Root);
        }
    }

    // Results of a call are released, unless they were its input.
    private static List<ErrorRecord> Release(PSObject result, Dictionary<string, object?> arguments)
    {
        List<ErrorRecord> errors = [];
        if (result.BaseObject is Job job)
        {
            job.Finished.WaitOne(s_patience);
            job.StopJob();
            errors.AddRange(job.Error);
            foreach (PSObject made in job.Output)
            {
                Release(made, arguments);
            }
            job.Dispose();
        }
        else if ((result.Properties["Interpreter"]?.Value ?? result.BaseObject) is IDisposable made
            && !arguments.Values.Any(a => ReferenceEquals((a as PSObject)?.BaseObject ?? a, made)))
        {
            made.Dispose();
        }
        return errors;
    }
}
