using System.Management.Automation;
using HyperDas.Completers;
using HyperDas.Engine.Evaluation;
using HyperDas.Engine.Files;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Ravel;
using HyperDas.Handles;
using HyperDas.Pump;
using HyperDas.Transforms;

namespace HyperDas.Commands;

/// <summary>Scores an interpreter, or one of the two references that every method is compared with, on a dataset.</summary>
[Cmdlet(VerbsDiagnostic.Measure, "RavelScore", DefaultParameterSetName = InterpreterSet, SupportsShouldProcess = true)]
[OutputType(typeof(RavelScore), typeof(Job))]
public sealed class MeasureRavelScoreCommand : EngineCmdlet, IWriterCommand
{
    private const string InterpreterSet = "Interpreter", ReferenceSet = "Reference";

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        ParameterSetName = InterpreterSet)]
    [InterpreterTransform(IsOfRows = true, Hint = "; a model by itself is scored with -Reference and -Layer")]
    public InterpreterHandle Interpreter { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ReferenceSet)]
    [ModelTransform]
    [ArgumentCompleter(typeof(CachedModelCompleter))]
    public ModelHandle Model { get; set; } = null!;

    [Parameter(Mandatory = true, ParameterSetName = ReferenceSet)]
    public ReferenceMethod Reference { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = ReferenceSet)]
    [ArgumentCompleter(typeof(LayerCompleter))]
    public int Layer { get; set; }

    [Parameter(Mandatory = true, Position = 1)]
    [DatasetTransform]
    public RavelDataset Dataset { get; set; } = null!;

    [Parameter]
    public RavelSplit Split { get; set; } = RavelSplit.Test;

    [Parameter]
    [ValidateNotNullOrEmpty]
    public SelectionMode[] SelectionMode { get; set; } = [HyperDas.SelectionMode.Soft];

    [Parameter]
    [ValidateNotNullOrEmpty]
    public RavelDialect[] Dialect { get; set; } = [RavelDialect.HyperDas];

    [Parameter]
    public SwitchParameter PerTemplate { get; set; }

    [Parameter]
    public int BootstrapCount { get; set; } = new RavelScoringOptions().BootstrapSamples;

    [Parameter]
    public long BootstrapSeed { get; set; } = new RavelScoringOptions().BootstrapSeed;

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? OutputPath { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter AsJob { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    private protected override string? JobName => Name;

    private protected override void CheckParameters() => ParameterLaw.ThrowIfBroken(
        Options(), "ScoringOptionInvalid", (nameof(RavelScoringOptions.BootstrapSamples), nameof(BootstrapCount)),
        (nameof(RavelScoringOptions.Modes), nameof(SelectionMode)), (nameof(RavelScoringOptions.Dialects), nameof(Dialect)));

    protected override void ProcessInput()
    {
        string? file = OutputPath is null ? null : this.ResolveOutput(OutputPath);
        if (file is not null && !MayWrite(OutputPlace.File(file), $"Measure and write scores on {Dataset}"))
        {
            return;
        }
        if (file is not null)
        {
            AtomicFile.ThrowIfUnwritable(file);
        }
        Measure(file);
        if (file is not null && !AsJob)
        {
            InformWritten(file);
        }
    }

    private void Measure(string? file)
    {
        (RavelDataset dataset, RavelSplit split, RavelScoringOptions options) = (Dataset, Split, Options());
        Interpreter? trained = ParameterSetName == InterpreterSet ? Interpreter.ToEngine() : null;
        LanguageModel target = trained?.Target ?? Open(Model).ToEngine();
        TokenizedSplit examples = Compute((_, stop) => trained is null
            ? RavelScorer.Tokenize(target, dataset, split, stop)
            : RavelScorer.Tokenize(trained, dataset, split, stop));
        if (examples.Rows.Remark is { } remark)
        {
            WriteWarning(remark);
        }
        (int layer, ReferenceMethod reference) = (Layer, Reference);
        ComputeOrStartJob(AsJob, target.Device, (progress, stop) =>
        {
            IReadOnlyList<RavelScore> measured = trained is null
                ? RavelScorer.Score(target, layer, reference, examples, options, progress, stop)
                : RavelScorer.Score(trained, examples, options, progress, stop);
            if (file is not null)
            {
                RavelScoreFile.Write(measured, file);
            }
            return measured;
        });
        if (!AsJob)
        {
            WarnOfLostActivations(target.ActivationFiles?.Problem);
        }
    }

    private RavelScoringOptions Options() => new()
    {
        Modes = SelectionMode,
        Dialects = Dialect,
        PerTemplate = PerTemplate,
        BootstrapSamples = BootstrapCount,
        BootstrapSeed = BootstrapSeed,
    };
}
