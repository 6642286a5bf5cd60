using System.ComponentModel;
using System.Management.Automation;
using HyperDas.Pump;

namespace HyperDas.Commands;

/// <summary>Base of the cmdlets that read files or folders: paths with wildcards, or as they are written.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class PathCmdlet : EngineCmdlet
{
    private protected const string PathSet = "Path", LiteralPathSet = "LiteralPath";

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        ParameterSetName = PathSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public virtual string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public virtual string[] LiteralPath { get; set; } = [];

    /// <summary>Handles each file or folder that the paths name; an error ends that one, not the command.</summary>
    /// <param name="step">Given an absolute path.</param>
    private protected void ForEachPath(Action<string> step)
    {
        bool literal = ParameterSetName == LiteralPathSet;
        ForEach(literal ? LiteralPath : Path, path => ForEach(Resolve(path, literal), step));
    }

    /// <summary>Absolute paths of what a path stands for.</summary>
    /// <param name="path">As the user wrote it.</param>
    /// <param name="literal">Whether it has no wildcards.</param>
    private protected virtual IReadOnlyList<string> Resolve(string path, bool literal) => this.ResolveInput(path, literal);
}
