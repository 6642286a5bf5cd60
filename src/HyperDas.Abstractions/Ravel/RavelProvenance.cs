namespace HyperDas;

/// <summary>A file from which a dataset was made.</summary>
/// <param name="Name">File name without folder.</param>
/// <param name="Sha256">SHA-256 of the content, in lower-case hexadecimal.</param>
public sealed record RavelSourceFile(string Name, string Sha256);

/// <summary>Origin of a dataset, as recorded in its manifest.</summary>
public sealed record RavelProvenance
{
    /// <summary>Method by which the examples were made.</summary>
    public required RavelBuilder Builder { get; init; }

    /// <summary>The benchmark's files.</summary>
    public required IReadOnlyList<RavelSourceFile> SourceFiles { get; init; }

    /// <summary>Name of the target model whose knowledge selected the facts.</summary>
    public required string Model { get; init; }

    /// <summary>Fingerprint of the target model.</summary>
    public required string ModelFingerprint { get; init; }

    /// <summary>SHA-256 of the target model's tokenizer file.</summary>
    public required string TokenizerFingerprint { get; init; }

    /// <summary>Whether smaller domains were brought up to the size of the largest.</summary>
    public RavelUpsampling Upsampling { get; init; }

    /// <summary>The date for time zone offsets; null if no offset was needed.</summary>
    public DateOnly? TimeZoneDate { get; init; }

    /// <summary>Edition of the time-zone database, e.g. <c>2025b</c>; null if no offset was needed.</summary>
    public string? TimeZoneEdition { get; init; }
}
