using System.Management.Automation;
using HyperDas.Completers;
using HyperDas.Engine.Evaluation.Checks;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Handles;
using HyperDas.Transforms;

namespace HyperDas.Commands;

/// <summary>
/// Checks on a model, or an interpreter, that different ways of computing the same result agree: one result for each check.
/// </summary>
[Cmdlet(VerbsDiagnostic.Test, "HyperDasModel", DefaultParameterSetName = ModelSet)]
[OutputType(typeof(ModelCheck))]
public sealed class TestHyperDasModelCommand : ModelPathCmdlet
{
    private const string ModelSet = "Model", InterpreterSet = "Interpreter";

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ModelSet)]
    [ModelTransform(HasAlternatives = true)]
    [ArgumentCompleter(typeof(CachedModelCompleter))]
    public ModelHandle Model { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        ParameterSetName = InterpreterSet)]
    [InterpreterTransform(HasAlternatives = true)]
    public InterpreterHandle Interpreter { get; set; } = null!;

    [Parameter(ParameterSetName = ModelSet)]
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    [ValidateNotNullOrEmpty]
    public string[]? Prompt { get; set; }

    [Parameter(ParameterSetName = ModelSet)]
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LayerCompleter))]
    public int[]? Layer { get; set; }

    [Parameter(ParameterSetName = ModelSet)]
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    [DatasetTransform]
    public RavelDataset? Dataset { get; set; }

    [Parameter]
    public double? Tolerance { get; set; }

    private protected override void CheckParameters() =>
        ParameterLaw.ThrowIfBroken(new ModelCheckOptions { Tolerance = Tolerance }, "CheckOptionInvalid");

    protected override void ProcessInput()
    {
        switch (ParameterSetName)
        {
            case InterpreterSet:
                Interpreter interpreter = Interpreter.ToEngine();
                Run(() => InterpreterChecks.Of(interpreter, Tolerance));
                break;
            case ModelSet:
                Check(Model.ToEngine());
                break;
            default:
                ForEachPath(CheckFolder);
                break;
        }
    }

    private void CheckFolder(string folder)
    {
        using LanguageModel model = Load(folder);
        Check(model);
    }

    private void Check(LanguageModel model)
    {
        ModelCheckOptions options = new() { Prompts = Prompt ?? ModelCheckOptions.DefaultPrompts, Layers = Layer, Tolerance = Tolerance };
        Run(() => [.. ModelChecks.Of(model, options), .. Dataset is null ? [] : ExampleChecks.Of(model, Dataset)]);
    }

    // Each result as soon as it is available; a pipeline that stops early ends the operation between two checks.
    private void Run(Func<IReadOnlyList<CheckStep>> prepare)
    {
        foreach (CheckStep step in Compute((_, _) => prepare()))
        {
            WriteVerbose(step.Name);
            WriteObject(Compute((_, stop) => step.Run(stop)));
        }
    }
}
