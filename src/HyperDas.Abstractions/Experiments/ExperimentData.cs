using System.ComponentModel.DataAnnotations;

namespace HyperDas;

/// <summary>The examples of an experiment.</summary>
public sealed record ExperimentData
{
    /// <summary>Folder with RAVEL's files, or a dataset that Export-RavelDataset wrote; in a document relative to its file.</summary>
    [Required]
    public string Path { get; init; } = "";

    /// <summary>Domains, e.g. <c>city</c>; all of the folder if left out.</summary>
    public IReadOnlyList<string>? Domains { get; init; }

    /// <summary>How examples are made.</summary>
    public RavelBuilder Builder { get; init; }

    /// <summary>Whether domains with fewer training examples are brought up to the others.</summary>
    public RavelUpsampling Upsampling { get; init; }

    /// <summary>What HyperDAS's builder makes; null for another builder. Its properties are keys beside <c>builder</c>.</summary>
    public RavelBuildOptions? Pairs { get; init; }

    /// <summary>What RAVEL's builder makes; null for another builder. Its properties are keys beside <c>builder</c>.</summary>
    public RavelInstanceOptions? Instances { get; init; }
}
