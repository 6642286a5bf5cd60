using System.Management.Automation;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Handles;
using HyperDas.Pump;
using HyperDas.Transforms;

namespace HyperDas.Commands;

/// <summary>Patches one concept from a counterfactual prompt into a base prompt and shows what the target model says then.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "HyperDasIntervention")]
[OutputType(typeof(InterventionResult))]
public sealed class InvokeHyperDasInterventionCommand : EngineCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public InterpreterHandle Interpreter { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString]
    public string BasePrompt { get; set; } = "";

    [Parameter(Mandatory = true, Position = 2, ValueFromPipelineByPropertyName = true)]
    [Alias("SourcePrompt")]
    [AllowEmptyString]
    public string CounterfactualPrompt { get; set; } = "";

    [Parameter(Mandatory = true, Position = 3, ValueFromPipelineByPropertyName = true)]
    [Alias("Instruction")]
    [AllowEmptyString]
    public string Concept { get; set; } = "";

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
    [ValidateRange(1, int.MaxValue)]
    public int MaxNewTokens { get; set; } = 8;

    protected override void ProcessInput()
    {
        Interpreter interpreter = Interpreter.ToEngine();
        InterventionRequest request = new(BasePrompt, CounterfactualPrompt, Concept, BaseEntity, CounterfactualEntity);
        GenerationOptions generation = new() { MaxNewTokens = MaxNewTokens };
        WriteObject(Compute((_, stop) => InterventionRunner.Run(interpreter, request, SelectionMode, generation, stop)));
    }
}
