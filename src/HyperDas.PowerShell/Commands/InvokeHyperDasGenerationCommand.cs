using System.Collections;
using System.Management.Automation;
using HyperDas.Completers;
using HyperDas.Engine.LanguageModels;
using HyperDas.Handles;
using HyperDas.Pump;
using HyperDas.Transforms;

namespace HyperDas.Commands;

/// <summary>Continues prompts with a target model.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "HyperDasGeneration", DefaultParameterSetName = ArgumentSet)]
[OutputType(typeof(GenerationResult))]
public sealed class InvokeHyperDasGenerationCommand : RowCmdlet
{
    private PromptCheck? _check;

    [Parameter(Mandatory = true, Position = 0)]
    [ModelTransform]
    [ArgumentCompleter(typeof(CachedModelCompleter))]
    public ModelHandle Model { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ArgumentSet)]
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true, ParameterSetName = RowSet)]
    [AllowNull]
    [AllowEmptyString]
    public string[]? Prompt { get; set; }

    [Parameter]
    public int MaxNewTokens { get; set; } = 16;

    [Parameter]
    public double Temperature { get; set; }

    [Parameter]
    public int? TopK { get; set; }

    [Parameter]
    public double TopP { get; set; } = 1;

    [Parameter]
    public long Seed { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] StopText { get; set; } = [];

    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int BatchSize { get; set; } = 32;

    private protected override int Together => BatchSize;

    private protected override void CheckParameters() => ParameterLaw.ThrowIfBroken(
        Options(), "GenerationOptionInvalid", (nameof(GenerationOptions.StopTexts), nameof(StopText)));

    private protected override void ProcessRow()
    {
        string[]? prompts = Prompt ?? (ParameterSetName == ArgumentSet ? [""] : Texts(InputObject?.BaseObject));
        ThrowIfIncomplete((nameof(Prompt), prompts));
        ForEach(prompts!, Take);
    }

    // Texts and numbers from the pipeline are prompts themselves; of anything else only the property is meant.
    private static string[]? Texts(object? input) => input switch
    {
        string or ValueType => [LanguagePrimitives.ConvertTo<string>(input)],
        IList several when several.Cast<object?>().All(one => PSObject.AsPSObject(one ?? "").BaseObject is string or ValueType) =>
            [.. several.Cast<object?>().Select(one => LanguagePrimitives.ConvertTo<string>(one))],
        _ => null,
    };

    private void Take(string prompt)
    {
        LanguageModel model = Open(Model).ToEngine();
        _check ??= new PromptCheck(model);
        // Before it is queued: a prompt that can't be tokenised then fails alone.
        PreparedPrompt prepared = PromptGenerator.Prepare(model, string.IsNullOrEmpty(prompt) ? throw Errors.PromptEmpty("") : prompt);
        foreach (string warning in _check.Of(prompt, prepared.Ids.Length, MaxNewTokens))
        {
            WriteWarning(warning);
        }
        Enqueue(prepared);
    }

    private protected override void Run(IReadOnlyList<object> items)
    {
        LanguageModel model = Open(Model).ToEngine();
        PreparedPrompt[] prompts = [.. items.Cast<PreparedPrompt>()];
        WriteObject(Compute((_, stop) => PromptGenerator.Generate(model, prompts, Options(), stop)), enumerateCollection: true);
    }

    private GenerationOptions Options() => new()
    {
        MaxNewTokens = MaxNewTokens,
        Temperature = Temperature,
        TopK = TopK,
        TopP = TopP,
        Seed = Seed,
        StopTexts = StopText,
    };
}
