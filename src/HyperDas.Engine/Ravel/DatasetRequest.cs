namespace HyperDas.Engine.Ravel;

/// <summary>Which examples to make from which domains. Nothing is asked of a model yet.</summary>
/// <param name="Domains">Domains of the benchmark, see <see cref="RavelReader.Read"/>.</param>
public sealed record DatasetRequest(IReadOnlyList<RavelDomain> Domains)
{
    /// <summary>What HyperDAS's builder makes; without effect where <see cref="Instances"/> is set.</summary>
    public RavelBuildOptions Pairs { get; init; } = new();

    /// <summary>What RAVEL's builder makes; null for HyperDAS's builder.</summary>
    public RavelInstanceOptions? Instances { get; init; }

    /// <summary>Whether domains with fewer training examples are brought up to the largest.</summary>
    public RavelUpsampling Upsampling { get; init; }

    /// <summary>The builder that makes the examples.</summary>
    public RavelBuilder Builder => Instances is null ? RavelBuilder.HyperDas : RavelBuilder.Ravel;

    /// <summary>Why concepts can't all be described, for people; null where they can, or needn't be.</summary>
    public string? Shortcoming =>
        (Instances?.InstructionStyle ?? Pairs.InstructionStyle) == InstructionStyle.Descriptions
            ? ConceptWording.Shortcoming(Domains)
            : null;

    /// <summary>The attributes that were asked for and of which a dataset has no pair.</summary>
    /// <param name="dataset">What was made.</param>
    public IReadOnlyList<string> MissingFrom(RavelDataset dataset) =>
    [
        .. ((Instances is null ? Pairs.Attributes : Instances.Attributes) ?? [.. Domains.SelectMany(domain => domain.Attributes)])
            .Distinct().Except(dataset.Attributes),
    ];

    /// <summary>The same settings for either builder, as far as both have them.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="domains">Domains of the benchmark.</param>
    /// <param name="settings">The settings; <see cref="RavelBuildOptions.EntitySplit"/> is HyperDAS's alone.</param>
    public static DatasetRequest Of(RavelBuilder builder, IReadOnlyList<RavelDomain> domains, RavelBuildOptions settings) => new(domains)
    {
        Pairs = settings,
        Instances = builder == RavelBuilder.HyperDas ? null : new RavelInstanceOptions
        {
            Attributes = settings.Attributes,
            TrainPerAttribute = settings.TrainPerAttribute,
            ValPerAttribute = settings.ValPerAttribute,
            TestPerAttribute = settings.TestPerAttribute,
            Seed = settings.Seed,
            InstructionStyle = settings.InstructionStyle,
            AbsentShare = settings.AbsentShare,
            OtherDomainShare = settings.OtherDomainShare,
            OpeningShare = settings.OpeningShare,
            MaxTokens = settings.MaxTokens,
        },
    };
}
