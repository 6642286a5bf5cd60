using System.Management.Automation;
using HyperDas.Completers;
using HyperDas.Engine.Files;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Training.Pretraining;
using HyperDas.Engine.Training.States;
using HyperDas.Pump;
using HyperDas.Transforms;

namespace HyperDas.Commands;

/// <summary>Trains a small language model from scratch on the facts of benchmark domains, and waits until it is trained.</summary>
[Cmdlet(VerbsLifecycle.Start, "HyperDasPretraining", DefaultParameterSetName = OutputSet, SupportsShouldProcess = true)]
[OutputType(typeof(PretrainingResult), typeof(Job))]
public sealed class StartHyperDasPretrainingCommand : TrainingCmdlet, IWriterCommand
{
    private const string OutputSet = "Output", InputSet = "Input";
    private static readonly string[] s_modelFiles = ["config.json", "model.safetensors", "tokenizer.json"];
    private readonly List<RavelDomain> _domains = [];

    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = OutputSet)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = InputSet)]
    [DomainTransform]
    public RavelDomain[] InputObject { get; set; } = [];

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = OutputSet)]
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = InputSet)]
    [ItemTransform]
    [ValidateNotNullOrEmpty]
    public string OutputPath { get; set; } = "";

    [Parameter]
    [ArgumentCompleter(typeof(FamilyCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Family { get; set; }

    [Parameter]
    public long? Tokens { get; set; }

    [Parameter]
    public int? HiddenSize { get; set; }

    [Parameter]
    public int? BlockCount { get; set; }

    [Parameter]
    public int? VocabularySize { get; set; }

    [Parameter]
    public double? LearningRate { get; set; }

    [Parameter]
    public long? Seed { get; set; }

    [Parameter]
    public PretrainingOptions? PretrainingOption { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter AsJob { get; set; }

    private protected override void CheckParameters()
    {
        base.CheckParameters();
        ParameterLaw.ThrowIfBroken(Options(), "OptionInvalid");
    }

    protected override void ProcessInput() => _domains.AddRange(InputObject);

    protected override void ProcessAll()
    {
        string folder = this.ResolveOutput(OutputPath);
        CheckStateParameters();
        PretrainingOptions options = Options();
        if (!MayWrite(folder, $"Pretrain a {options.Family} model on {string.Join(", ", _domains)}{StateAction}", GoesOn,
            OutputPlace.Folder(folder, s_modelFiles)))
        {
            return;
        }
        AtomicFile.ThrowIfUnwritable(Path.Combine(folder, s_modelFiles[0]));
        WriteVerbose($"{options}");
        NumberFormat format = Pretrainer.FormatOf(GoesOn ? this.ResolveOutput(StatePath!) : null);
        WriteVerbose($"Products are computed in {format.Computed}: {format.Reason}.");
        TrainingState? state = OpenState();
        ComputeOrStartJob(
            AsJob, "cpu", Kept(state, (progress, stop) => [Pretrainer.Train(_domains, options, folder, state, progress, stop)]));
        if (!AsJob)
        {
            InformWritten(folder);
        }
    }

    // The option object first, then individual parameters, which take precedence.
    private PretrainingOptions Options()
    {
        PretrainingOptions options = PretrainingOption ?? new PretrainingOptions();
        return options with
        {
            Family = Family ?? options.Family,
            Tokens = Tokens ?? options.Tokens,
            HiddenSize = HiddenSize ?? options.HiddenSize,
            BlockCount = BlockCount ?? options.BlockCount,
            VocabularySize = VocabularySize ?? options.VocabularySize,
            LearningRate = LearningRate ?? options.LearningRate,
            Seed = Seed ?? options.Seed,
        };
    }
}
