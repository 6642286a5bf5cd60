using System.Management.Automation;
using HyperDas.Completers;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel;
using HyperDas.Handles;
using HyperDas.Pump;
using HyperDas.Transforms;

namespace HyperDas.Commands;

/// <summary>Builds cause and isolate examples from domains of the benchmark and the facts that a target model knows.</summary>
[Cmdlet(VerbsCommon.New, "RavelDataset")]
[OutputType(typeof(RavelDataset))]
public sealed class NewRavelDatasetCommand : EngineCmdlet
{
    private readonly List<RavelDomain> _domains = [];

    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [DomainTransform]
    public RavelDomain[] InputObject { get; set; } = [];

    [Parameter(Mandatory = true, Position = 0)]
    [ModelTransform]
    [ArgumentCompleter(typeof(CachedModelCompleter))]
    public ModelHandle Model { get; set; } = null!;

    [Parameter]
    public RavelBuilder Builder { get; set; } = RavelBuilder.HyperDas;

    [Parameter]
    [ArgumentCompleter(typeof(AttributeCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Attribute { get; set; }

    [Parameter]
    public int TrainCount { get; set; } = 1000;

    [Parameter]
    public int ValCount { get; set; } = 100;

    [Parameter]
    public int TestCount { get; set; } = 200;

    [Parameter]
    public long Seed { get; set; } = 42;

    [Parameter]
    public InstructionStyle InstructionStyle { get; set; } = new RavelBuildOptions().InstructionStyle;

    [Parameter]
    public double AbsentShare { get; set; } = new RavelBuildOptions().AbsentShare;

    [Parameter]
    public double OtherDomainShare { get; set; }

    [Parameter]
    public double OpeningShare { get; set; } = new RavelBuildOptions().OpeningShare;

    [Parameter]
    public RavelEntitySplit EntitySplit { get; set; } = RavelEntitySplit.Both;

    [Parameter]
    public int MaxTokens { get; set; } = RavelDatasetOptions.DefaultMaxTokens;

    [Parameter]
    public RavelUpsampling Upsampling { get; set; } = RavelUpsampling.None;

    private protected override void CheckParameters() => ParameterLaw.ThrowIfBroken(
        Options(), "DatasetOptionsInvalid", (nameof(RavelBuildOptions.TrainPerAttribute), nameof(TrainCount)),
        (nameof(RavelBuildOptions.ValPerAttribute), nameof(ValCount)), (nameof(RavelBuildOptions.TestPerAttribute), nameof(TestCount)));

    protected override void ProcessInput() => _domains.AddRange(InputObject);

    protected override void ProcessAll()
    {
        if (Builder == RavelBuilder.Ravel && MyInvocation.BoundParameters.ContainsKey(nameof(EntitySplit)))
        {
            this.LeaveOut(nameof(EntitySplit), Errors.BuilderOptionInvalid(nameof(EntitySplit), EntitySplit));
        }
        Attribute = Attribute is null
            ? null
            : NamePatterns.Expand(Attribute, [.. _domains.SelectMany(domain => domain.Attributes).Distinct()]);
        DatasetRequest request = DatasetRequest.Of(Builder, _domains, Options()) with { Upsampling = Upsampling };
        if (request.Shortcoming is { } shortcoming)
        {
            WriteWarning(shortcoming);
        }
        LanguageModel model = Open(Model).ToEngine();
        RavelDataset dataset = Compute((progress, stop) => DatasetMaking.Make(model, request, progress, stop));
        RavelBuildCounts counts = dataset.Counts;
        WriteVerbose(
            $"'{Model.Name}' knows {counts.KnownFacts} of the {counts.KnownFacts + counts.UnknownFacts} facts; seed {dataset.Seed}");
        if (request.MissingFrom(dataset) is { Count: > 0 } missing)
        {
            WriteWarning(
                $"No pair is left for {string.Join(", ", missing)}: '{Model.Name}' doesn't give different answers of one plain word.");
        }
        WriteObject(dataset);
    }

    private RavelBuildOptions Options() => new()
    {
        Attributes = Attribute,
        TrainPerAttribute = TrainCount,
        ValPerAttribute = ValCount,
        TestPerAttribute = TestCount,
        Seed = Seed,
        InstructionStyle = InstructionStyle,
        AbsentShare = AbsentShare,
        OtherDomainShare = OtherDomainShare,
        OpeningShare = OpeningShare,
        EntitySplit = EntitySplit,
        MaxTokens = MaxTokens,
    };
}
