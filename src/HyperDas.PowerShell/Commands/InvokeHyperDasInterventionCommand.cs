using System.Management.Automation;
using HyperDas.Completers;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.Concepts;
using HyperDas.Handles;
using HyperDas.Pump;
using HyperDas.Transforms;

namespace HyperDas.Commands;

/// <summary>Patches one concept from a counterfactual prompt into a base prompt and returns the target model's answers.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "HyperDasIntervention", DefaultParameterSetName = ArgumentSet)]
[OutputType(typeof(InterventionResult))]
public sealed class InvokeHyperDasInterventionCommand : RowCmdlet
{
    private const int MaxBatchSize = 4096;
    private readonly HashSet<string> _outside = new(StringComparer.Ordinal);
    private InterpreterHandle? _asked;
    private PromptCheck? _check;

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ArgumentSet)]
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = RowSet)]
    [InterpreterTransform]
    public InterpreterHandle? Interpreter { get; set; }

    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ArgumentSet)]
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true, ParameterSetName = RowSet)]
    [AllowEmptyString]
    public string? BasePrompt { get; set; }

    [Parameter(Mandatory = true, Position = 2, ParameterSetName = ArgumentSet)]
    [Parameter(Position = 2, ValueFromPipelineByPropertyName = true, ParameterSetName = RowSet)]
    [Alias("SourcePrompt")]
    [AllowEmptyString]
    public string? CounterfactualPrompt { get; set; }

    [Parameter(Mandatory = true, Position = 3, ParameterSetName = ArgumentSet)]
    [Parameter(Position = 3, ValueFromPipelineByPropertyName = true, ParameterSetName = RowSet)]
    [Alias("Instruction")]
    [AllowEmptyString]
    [ArgumentCompleter(typeof(ConceptCompleter))]
    public string? Concept { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString]
    public string? BaseEntity { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("SourceEntity")]
    [AllowEmptyString]
    public string? CounterfactualEntity { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SelectionModeTransform]
    public SelectionMode SelectionMode { get; set; } = SelectionMode.Soft;

    [Parameter]
    public int MaxNewTokens { get; set; } = 8;

    [Parameter]
    [ValidateRange(1, MaxBatchSize)]
    public int BatchSize { get; set; } = 16;

    private protected override int Together => BatchSize;

    private protected override void CheckParameters() => ParameterLaw.ThrowIfBroken(Options(), "GenerationOptionInvalid");

    private protected override void ProcessRow()
    {
        InterpreterHandle? given = Interpreter ?? PipedHandle();
        ThrowIfIncomplete(
            (nameof(Interpreter), given), (nameof(BasePrompt), BasePrompt), (nameof(CounterfactualPrompt), CounterfactualPrompt),
            (nameof(Concept), Concept));
        if (!ReferenceEquals(given, _asked))
        {
            Flush();
        }
        _check = ReferenceEquals(given, _asked) ? _check : new PromptCheck(given!.ToEngine().Target);
        _asked = given;
        // An empty table cell is no entity.
        InterventionRequest request = new(BasePrompt!, CounterfactualPrompt!, Concept!, Given(BaseEntity), Given(CounterfactualEntity));
        PreparedIntervention prepared = InterventionRunner.Prepare(given!.ToEngine(), request, SelectionMode);
        foreach (string warning in _check!.Of(BasePrompt!, prepared.Tokens.BaseIds.Length, MaxNewTokens)
            .Concat(_check.Of(CounterfactualPrompt!, prepared.Tokens.SourceIds.Length)))
        {
            WriteWarning(warning);
        }
        Enqueue(prepared);
    }

    private protected override void Run(IReadOnlyList<object> items)
    {
        // The interpreter for which these were prepared; the parameter may have changed.
        using IDisposable use = _asked!.Acquire();
        Interpreter interpreter = _asked.ToEngine();
        GenerationOptions generation = Options();
        PreparedIntervention[] batch = [.. items.Cast<PreparedIntervention>()];
        foreach (InterventionResult result in Compute((_, stop) => InterventionRunner.Run(interpreter, batch, generation, stop)))
        {
            WarnOfOutside(result);
            WriteObject(result);
        }
    }

    // The pipeline input may itself be an interpreter or a training's result.
    private InterpreterHandle? PipedHandle()
    {
        try
        {
            return HandleArgument.Interpreter(InputObject);
        }
        catch (ArgumentTransformationMetadataException e)
        {
            throw Errors.RowUnusable(e.Message, InputObject, e);
        }
    }

    // Once for each description, which the rows of a table usually share.
    private void WarnOfOutside(InterventionResult result)
    {
        if (result.ConceptDistance > ConceptNearness.Limit && _outside.Add(result.Concept))
        {
            WriteWarning(FormattableString.Invariant(
                $"\"{result.Concept}\" doesn't seem to describe a concept that this interpreter was trained on; its effect is unreliable. The nearest concept is {result.NearestConcept} (distance {result.ConceptDistance:F2}; the limit is {ConceptNearness.Limit})."));
        }
    }

    private GenerationOptions Options() => new() { MaxNewTokens = MaxNewTokens };

    private static string? Given(string? cell) => string.IsNullOrWhiteSpace(cell) ? null : cell;
}
