using System.Text.Json.Serialization;

namespace HyperDas;

/// <summary>The effect of a correct intervention on an example's answer.</summary>
public enum RavelExampleKind
{
    /// <summary>The base prompt asks for the target attribute: the answer must become the source entity's value.</summary>
    Cause,

    /// <summary>The base prompt asks for another attribute: the answer must stay the same.</summary>
    Isolate,
}

/// <summary>
/// One interchange example: a base prompt, a source prompt, the concept to patch and the answer that is correct afterwards.
/// </summary>
public sealed record RavelExample
{
    /// <summary>Domain, e.g. <c>city</c>.</summary>
    public required string Domain { get; init; }

    /// <summary>
    /// Whether the base prompt asks for the target attribute, so the answer must change, or for another one, so it must stay the same. If
    /// <see cref="Wording"/> is <see cref="RavelWording.Absent"/>, it must stay the same in both cases.
    /// </summary>
    public required RavelExampleKind Kind { get; init; }

    /// <summary>The target attribute: what the instruction names and the patch must change.</summary>
    public required string Attribute { get; init; }

    /// <summary>The attribute that the base prompt asks for; equals <see cref="Attribute"/> for cause examples.</summary>
    public required string AskedAttribute { get; init; }

    /// <summary>The text that names the concept to the interpreter.</summary>
    public required string Instruction { get; init; }

    /// <summary>The entity in the base prompt.</summary>
    public required string BaseEntity { get; init; }

    /// <summary>The entity in the source prompt.</summary>
    public required string SourceEntity { get; init; }

    /// <summary>Base prompt up to and including the entity.</summary>
    public required string BasePrefix { get; init; }

    /// <summary>Base prompt after the entity; may be empty.</summary>
    public required string BaseSuffix { get; init; }

    /// <summary>Source prompt up to and including the entity.</summary>
    public required string SourcePrefix { get; init; }

    /// <summary>Source prompt after the entity; may be empty.</summary>
    public required string SourceSuffix { get; init; }

    /// <summary>The base template as in the benchmark.</summary>
    public required string BaseTemplate { get; init; }

    /// <summary>The base entity's own value of <see cref="AskedAttribute"/>: the answer before the intervention.</summary>
    public required string BaseValue { get; init; }

    /// <summary>The source entity's value of <see cref="AskedAttribute"/>.</summary>
    public required string SourceValue { get; init; }

    /// <summary>The source template as in the benchmark; empty if it isn't known.</summary>
    public string SourceTemplate { get; init; } = "";

    /// <summary>What a validation or test example holds out from training.</summary>
    public RavelHeldOut HeldOut { get; init; }

    /// <summary>Wording of <see cref="Instruction"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public RavelWording Wording { get; init; }

    /// <summary>
    /// Whether the values are the target model's own words, which follow the prompt exactly (docs/methods.md#labels-of-completions),
    /// instead of gold values that follow after a space.
    /// </summary>
    public bool ValuesAreVerbatim { get; init; }

    /// <summary>The base entity's gold value, if <see cref="BaseValue"/> isn't one.</summary>
    public string? BaseGoldValue { get; init; }

    /// <summary>The source entity's gold value, if <see cref="SourceValue"/> isn't one.</summary>
    public string? SourceGoldValue { get; init; }

    /// <summary>
    /// Whether a correct intervention changes the answer to the source entity's value; otherwise it leaves the answer unchanged.
    /// </summary>
    [JsonIgnore]
    public bool MustChange => Kind == RavelExampleKind.Cause && Wording != RavelWording.Absent;

    /// <summary>The correct answer after the intervention.</summary>
    public string Label => MustChange ? SourceValue : BaseValue;

    /// <summary>
    /// The correct gold value after the intervention, for dialects that score against facts instead of the model's words.
    /// </summary>
    public string GoldLabel => MustChange ? SourceGoldValue ?? SourceValue : BaseGoldValue ?? BaseValue;

    /// <summary>The whole base prompt.</summary>
    public string BasePrompt => BasePrefix + BaseSuffix;

    /// <summary>The whole source prompt.</summary>
    public string SourcePrompt => SourcePrefix + SourceSuffix;
}

/// <summary>Counts from building a dataset, so nothing is dropped silently.</summary>
/// <param name="KnownFacts">(entity, template) pairs whose value the target model answers.</param>
/// <param name="UnknownFacts">(entity, template) pairs omitted because the model doesn't answer their value.</param>
/// <param name="SkippedTooLong">Candidates omitted because prompt and label exceed the length limit.</param>
/// <param name="SkippedWithoutLabel">Candidates omitted because no label token remains.</param>
public sealed record RavelBuildCounts(int KnownFacts, int UnknownFacts, int SkippedTooLong, int SkippedWithoutLabel)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{KnownFacts} known, {UnknownFacts} unknown, {SkippedTooLong} too long, {SkippedWithoutLabel} without label";
}

/// <summary>Interchange examples for training and scoring.</summary>
/// <param name="Name">Display name, e.g. <c>city</c>.</param>
/// <param name="Domains">Domains of the examples.</param>
/// <param name="Attributes">Target attributes, in benchmark order.</param>
/// <param name="Train">Examples with templates of the training split.</param>
/// <param name="Val">Examples with templates of the validation split.</param>
/// <param name="Test">Examples with templates of the test split.</param>
/// <param name="Seed">Seed with which the pairs were drawn.</param>
/// <param name="Counts">Counts of what was kept and omitted.</param>
public sealed record RavelDataset(
    string Name,
    IReadOnlyList<string> Domains,
    IReadOnlyList<string> Attributes,
    IReadOnlyList<RavelExample> Train,
    IReadOnlyList<RavelExample> Val,
    IReadOnlyList<RavelExample> Test,
    long Seed,
    RavelBuildCounts Counts)
{
    /// <summary>
    /// Maximum number of tokens of the base prompt with its label, and of the source prompt, including the tokenizer's prefix. Longer
    /// examples are neither trained on nor scored.
    /// </summary>
    public int MaxTokens { get; init; } = RavelDatasetOptions.DefaultMaxTokens;

    /// <summary>Origin of the examples; null if it isn't known.</summary>
    public RavelProvenance? Provenance { get; init; }

    /// <summary>Number of training examples.</summary>
    public int TrainCount => Train?.Count ?? 0;

    /// <summary>Number of validation examples.</summary>
    public int ValCount => Val?.Count ?? 0;

    /// <summary>Number of test examples.</summary>
    public int TestCount => Test?.Count ?? 0;

    /// <summary>
    /// Number of different training pairs that the known facts allow. Trainings draw from them in each epoch, as many as
    /// <see cref="Train"/> has rows. 0 if there are only the rows, as in a dataset from a file.
    /// </summary>
    public long PairCount => Pool?.PairCount ?? 0;

    /// <summary>What training pairs are drawn from; null where the rows are fixed.</summary>
    internal RavelPairPool? Pool { get; init; }

    /// <summary>Whether concepts have varied descriptions, as far as the domains have them.</summary>
    internal bool IsDescribed =>
        (Pool is { } pool && pool.Options.InstructionStyle == InstructionStyle.Descriptions
            && pool.Domains.Any(d => d.Descriptions.Count > 0))
        || Val.Concat(Test).Any(example => example.Wording != RavelWording.Trained);

    /// <summary>The examples of one split.</summary>
    /// <param name="split">The split.</param>
    public IReadOnlyList<RavelExample> Split(RavelSplit split) => split switch
    {
        RavelSplit.Train => Train,
        RavelSplit.Val => Val,
        _ => Test,
    };

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Name}: {TrainCount} train{(PairCount > 0 ? $" of {PairCount} pairs" : "")}, {ValCount} val, {TestCount} test";
}
