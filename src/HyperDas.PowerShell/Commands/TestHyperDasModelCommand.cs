using System.Management.Automation;
using HyperDas.Completers;
using HyperDas.Engine.Evaluation.Checks;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Handles;
using HyperDas.Pump;

namespace HyperDas.Commands;

/// <summary>Proves on a model, or an interpreter, that different ways of computing the same agree: one result for each check.</summary>
[Cmdlet(VerbsDiagnostic.Test, "HyperDasModel", DefaultParameterSetName = ModelSet)]
[OutputType(typeof(ModelCheck))]
public sealed class TestHyperDasModelCommand : EngineCmdlet
{
    private const string ModelSet = "Model", PathSet = "Path", LiteralPathSet = "LiteralPath", InterpreterSet = "Interpreter";

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ModelSet)]
    public ModelHandle Model { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = InterpreterSet)]
    public InterpreterHandle Interpreter { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = PathSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    public ModelDtype? Dtype { get; set; }

    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    [ArgumentCompleter(typeof(DeviceCompleter))]
    [ValidateNotNullOrEmpty]
    public string Device { get; set; } = "cpu";

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
    public RavelDataset? Dataset { get; set; }

    [Parameter]
    [ValidateRange(0.0, double.MaxValue)]
    public double? Tolerance { get; set; }

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
                bool literal = ParameterSetName == LiteralPathSet;
                ForEach(literal ? LiteralPath : Path, path => ForEach(this.ResolveInput(path, literal), CheckFolder));
                break;
        }
    }

    private void CheckFolder(string folder)
    {
        using LanguageModel model = Compute((progress, stop) => LanguageModel.Load(folder, Dtype, Device, progress, stop));
        Check(model);
    }

    private void Check(LanguageModel model)
    {
        ModelCheckOptions options = new() { Prompts = Prompt ?? ModelCheckOptions.DefaultPrompts, Layers = Layer, Tolerance = Tolerance };
        Run(() => [.. ModelChecks.Of(model, options), .. Dataset is null ? [] : ExampleChecks.Of(model, Dataset)]);
    }

    // Each result as soon as it is there; a pipeline that has enough ends the work between two checks.
    private void Run(Func<IReadOnlyList<CheckStep>> prepare)
    {
        foreach (CheckStep step in Compute((_, _) => prepare()))
        {
            WriteVerbose(step.Name);
            WriteObject(Compute((_, stop) => step.Run(stop)));
        }
    }
}
