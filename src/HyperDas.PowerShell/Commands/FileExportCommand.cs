using System.ComponentModel;
using System.Management.Automation;
using HyperDas.Pump;
using HyperDas.Transforms;

namespace HyperDas.Commands;

/// <summary>Base of the cmdlets that collect pipeline input and write one file from it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class FileExportCommand : EngineCmdlet, IWriterCommand
{
    private protected const string PathSet = "Path", InputSet = "Input";

    private readonly List<object> _shown = [];

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet)]
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = InputSet)]
    [ItemTransform]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Records the input of the file, which <c>-PassThru</c> writes when the file is written.</summary>
    /// <param name="input">From the pipeline.</param>
    private protected void Keep(object input) => _shown.Add(input);

    /// <summary>Writes the file unless it already exists or the user declines.</summary>
    /// <param name="action">Action shown by <c>-WhatIf</c>.</param>
    /// <param name="write">Writes it, on the engine's thread.</param>
    private protected void Export(string action, Action<string, CancellationToken> write)
    {
        string file = this.ResolveOutput(Path);
        if (!MayWrite(OutputPlace.File(file), action))
        {
            return;
        }
        Compute((_, stop) => write(file, stop));
        InformWritten(file);
        if (PassThru)
        {
            WriteObject(_shown, enumerateCollection: true);
        }
    }
}
