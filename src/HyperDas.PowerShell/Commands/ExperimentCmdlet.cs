using System.ComponentModel;
using System.Management.Automation;
using HyperDas.Completers;
using HyperDas.Engine.Experiments;

namespace HyperDas.Commands;

/// <summary>
/// Base of the cmdlets that read experiments: the documents, and the command-line settings that take precedence over them.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ExperimentCmdlet : PathCmdlet
{
    [Parameter]
    [ArgumentCompleter(typeof(SettingCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Set { get; set; } = [];

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? OutputPath { get; set; }

    /// <inheritdoc/>
    protected sealed override void ProcessInput()
    {
        ExperimentReadOptions options = new()
        {
            Set = Set,
            // Paths in settings are relative to the session's location.
            SetFolder = SessionState.Path.CurrentFileSystemLocation.ProviderPath,
            OutputPath = OutputPath is null ? null : this.ResolveOutput(OutputPath),
        };
        ForEachPath(file => ProcessDocument(file, options));
    }

    /// <summary>Handles one document; an error ends this document, not the command.</summary>
    /// <param name="file">Absolute path.</param>
    /// <param name="options">Settings of the command line.</param>
    private protected abstract void ProcessDocument(string file, ExperimentReadOptions options);
}
