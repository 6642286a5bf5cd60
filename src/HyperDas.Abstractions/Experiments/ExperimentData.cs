using System.ComponentModel.DataAnnotations;

namespace HyperDas;

/// <summary>The examples of an experiment.</summary>
public sealed record ExperimentData
{
    /// <summary>Folder with RAVEL's files, or a dataset written by Export-RavelDataset; in a document relative to its file.</summary>
    [Required]
    public string Path { get; init; } = "";

    /// <summary>Domains, e.g. <c>city</c>; by default all in the folder.</summary>
    public IReadOnlyList<string>? Domains { get; init; }

    /// <summary>Method of making examples.</summary>
    public RavelBuilder Builder { get; init; }

    /// <summary>Whether domains with fewer training examples are brought up to the size of the largest.</summary>
    public RavelUpsampling Upsampling { get; init; }

    /// <summary>Options of HyperDAS's builder; null for the other builder. Its properties are keys beside <c>builder</c>.</summary>
    public RavelBuildOptions? Pairs { get; init; }

    /// <summary>Options of RAVEL's builder; null for the other builder. Its properties are keys beside <c>builder</c>.</summary>
    public RavelInstanceOptions? Instances { get; init; }

    /// <summary>The options that both builders have, of the builder in use; null before they are set.</summary>
    public RavelDatasetOptions? BuilderOptions() => Instances is null ? Pairs : Instances;
}
