using System.ComponentModel;
using System.Management.Automation;
using HyperDas.Pump;
using HyperDas.Transforms;

namespace HyperDas.Commands;

/// <summary>Base of the cmdlets that read files or folders: paths with wildcards, or literal ones.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class PathCmdlet : EngineCmdlet
{
    private protected const string
        PathSet = "Path", LiteralPathSet = "LiteralPath", NeededPath = "The path of a file or folder is required";

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        ParameterSetName = PathSet)]
    [SupportsWildcards]
    [AllowNull]
    [AllowEmptyString]
    [TextTransform(NeededPath, nameof(Path), nameof(LiteralPath), "PSPath")]
    public virtual string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath")]
    [AllowNull]
    [AllowEmptyString]
    public virtual string[] LiteralPath { get; set; } = [];

    private protected override bool IsInputNumbered => true;

    /// <summary>Processes each file or folder that the paths match; an error ends that one, not the command.</summary>
    /// <param name="step">Receives an absolute path.</param>
    private protected void ForEachPath(Action<string> step)
    {
        bool literal = ParameterSetName == LiteralPathSet;
        // An empty cell of a table is an empty path, or none.
        ForEach((literal ? LiteralPath : Path) ?? [""], path => ForEach(Resolve(path ?? "", literal), step));
    }

    /// <summary>Absolute paths that match a path.</summary>
    /// <param name="path">As the user wrote it.</param>
    /// <param name="literal">Whether it has no wildcards.</param>
    private protected virtual IReadOnlyList<string> Resolve(string path, bool literal) => this.ResolveInput(path, literal);
}
