using System.Management.Automation;
using HyperDas.Engine.LanguageModels;
using HyperDas.Handles;
using HyperDas.Pump;

namespace HyperDas.Commands;

/// <summary>Lets a target model continue prompts.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "HyperDasGeneration")]
[OutputType(typeof(GenerationResult))]
public sealed class InvokeHyperDasGenerationCommand : EngineCmdlet
{
    private readonly List<string> _waiting = [];
    private PromptCheck? _check;

    [Parameter(Mandatory = true, Position = 0)]
    public ModelHandle Model { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString]
    public string[] Prompt { get; set; } = [];

    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int MaxNewTokens { get; set; } = 16;

    [Parameter]
    [ValidateRange(0.0, 100.0)]
    public double Temperature { get; set; }

    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? TopK { get; set; }

    [Parameter]
    [ValidateRange(double.Epsilon, 1.0)]
    public double TopP { get; set; } = 1;

    [Parameter]
    public long Seed { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] StopText { get; set; } = [];

    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int BatchSize { get; set; } = 32;

    protected override void ProcessInput()
    {
        ForEach(Prompt, Take);
        while (_waiting.Count >= BatchSize)
        {
            Generate(BatchSize);
        }
    }

    protected override void ProcessAll()
    {
        if (_waiting.Count > 0)
        {
            Generate(_waiting.Count);
        }
    }

    private void Take(string prompt)
    {
        _waiting.Add(prompt.Length > 0 ? prompt : throw Errors.PromptEmpty(prompt));
        _check ??= new PromptCheck(Model.ToEngine());
        foreach (string warning in _check.Of(prompt))
        {
            WriteWarning(warning);
        }
    }

    private void Generate(int count)
    {
        string[] prompts = [.. _waiting.Take(count)];
        _waiting.RemoveRange(0, count);
        LanguageModel model = Model.ToEngine();
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
