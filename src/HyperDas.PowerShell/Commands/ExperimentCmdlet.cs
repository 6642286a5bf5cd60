using System.ComponentModel;
using System.Management.Automation;
using HyperDas.Completers;
using HyperDas.Engine.Experiments;
using HyperDas.Pump;

namespace HyperDas.Commands;

/// <summary>Base of the cmdlets that read experiments: which documents, and what of the command line wins over them.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ExperimentCmdlet : EngineCmdlet
{
    private protected const string PathSet = "Path", LiteralPathSet = "LiteralPath";

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = PathSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

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
        bool literal = ParameterSetName == LiteralPathSet;
        ExperimentReadOptions options = new()
        {
            Set = Set,
            // Paths in settings are relative to where the session is.
            SetFolder = SessionState.Path.CurrentFileSystemLocation.ProviderPath,
            OutputPath = OutputPath is null ? null : this.ResolveOutput(OutputPath),
        };
        ForEach(literal ? LiteralPath : Path, path => ForEach(this.ResolveInput(path, literal), file => ProcessDocument(file, options)));
    }

    /// <summary>Handles one document; an error ends this document, not the command.</summary>
    /// <param name="file">Absolute path.</param>
    /// <param name="options">Settings of the command line.</param>
    private protected abstract void ProcessDocument(string file, ExperimentReadOptions options);
}
