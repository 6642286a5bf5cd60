namespace HyperDas.Engine.Ravel;

/// <summary>The examples to build, and the domains to build them from. Creating a request runs no model.</summary>
/// <param name="Domains">Domains of the benchmark, see <see cref="RavelReader.Read"/>.</param>
public sealed record DatasetRequest(IReadOnlyList<RavelDomain> Domains)
{
    /// <summary>Settings of HyperDAS's builder; ignored where <see cref="Instances"/> is set.</summary>
    public RavelBuildOptions Pairs { get; init; } = new();

    /// <summary>Settings of RAVEL's builder; null for HyperDAS's builder.</summary>
    public RavelInstanceOptions? Instances { get; init; }

    /// <summary>Whether domains with fewer training examples are upsampled to the largest.</summary>
    public RavelUpsampling Upsampling { get; init; }

    /// <summary>The builder of the examples.</summary>
    public RavelBuilder Builder => Instances is null ? RavelBuilder.HyperDas : RavelBuilder.Ravel;

    /// <summary>The settings of the builder in use.</summary>
    public RavelDatasetOptions Settings => Instances is null ? Pairs : Instances;

    /// <summary>A remark about concepts without descriptions; null where all have them or none is needed.</summary>
    public string? Shortcoming =>
        Settings.InstructionStyle == InstructionStyle.Descriptions ? ConceptWording.Shortcoming(Domains) : null;

    /// <summary>The requested attributes for which a dataset has no pair.</summary>
    /// <param name="dataset">The built dataset.</param>
    public IReadOnlyList<string> MissingFrom(RavelDataset dataset) =>
    [
        .. (Settings.Attributes ?? [.. Domains.SelectMany(domain => domain.Attributes)])
            .Distinct().Except(dataset.Attributes),
    ];

    /// <summary>Creates a request with the same settings for either builder, as far as both have them.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="domains">Domains of the benchmark.</param>
    /// <param name="settings">The settings; only HyperDAS's builder uses <see cref="RavelBuildOptions.EntitySplit"/>.</param>
    public static DatasetRequest Of(RavelBuilder builder, IReadOnlyList<RavelDomain> domains, RavelBuildOptions settings) => new(domains)
    {
        Pairs = settings,
        Instances = builder == RavelBuilder.HyperDas ? null : new RavelInstanceOptions(settings),
    };
}
