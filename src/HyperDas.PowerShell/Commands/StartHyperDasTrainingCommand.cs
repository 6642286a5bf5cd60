using System.Management.Automation;
using HyperDas.Completers;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Training;
using HyperDas.Engine.Training.States;
using HyperDas.Handles;
using HyperDas.Pump;
using HyperDas.Transforms;

namespace HyperDas.Commands;

/// <summary>Trains an interpreter, of HyperDAS or of a method that it is compared with, and waits for it.</summary>
[Cmdlet(VerbsLifecycle.Start, "HyperDasTraining", DefaultParameterSetName = OptionSet, SupportsShouldProcess = true)]
[OutputType(typeof(TrainingResult), typeof(Job))]
public sealed partial class StartHyperDasTrainingCommand : TrainingCmdlet, IWriterCommand
{
    private const string MetricsFile = "metrics.jsonl", OptionSet = "Option", ConfigSet = "Config";

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = OptionSet)]
    [Parameter(ParameterSetName = ConfigSet)]
    [ModelTransform]
    public ModelHandle Model { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ParameterSetName = OptionSet)]
    [Parameter(ValueFromPipeline = true, ParameterSetName = ConfigSet)]
    public RavelDataset Dataset { get; set; } = null!;

    [Parameter(Mandatory = true, ParameterSetName = ConfigSet)]
    [ValidateNotNullOrEmpty]
    public string? Config { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = OptionSet)]
    [Parameter(ParameterSetName = ConfigSet)]
    [ArgumentCompleter(typeof(LayerCompleter))]
    public int Layer { get; set; }

    [Parameter]
    public InterpreterMethod Method { get; set; } = InterpreterMethod.HyperDas;

    [Parameter]
    public int? FeatureDimension { get; set; }

    [Parameter]
    public int? Epochs { get; set; }

    [Parameter]
    public int? BatchSize { get; set; }

    [Parameter]
    public int? MaxSteps { get; set; }

    [Parameter]
    public double? LearningRate { get; set; }

    [Parameter]
    [ValidateRange(1L, long.MaxValue)]
    public long? MemoryLimit { get; set; }

    [Parameter]
    public SubspaceKind? Subspace { get; set; }

    [Parameter]
    public int? Reflections { get; set; }

    [Parameter]
    public int? Blocks { get; set; }

    [Parameter]
    public long? Seed { get; set; }

    [Parameter]
    public SwitchParameter Faithful { get; set; }

    [Parameter]
    public HypernetworkOptions? NetworkOption { get; set; }

    [Parameter]
    [ValidateNotNull]
    public object? MethodOption { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public RavelDomain[]? Domain { get; set; }

    [Parameter]
    [OptionTransform(typeof(TrainingOptions))]
    [ValidateNotNull]
    public TrainingOptions? TrainingOption { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? MetricsPath { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? OutputPath { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter AsJob { get; set; }

    private void Train()
    {
        TakeConfig();
        string? output = OutputPath is null ? null : this.ResolveOutput(OutputPath);
        string? metrics = MetricsPath is not null ? this.ResolveOutput(MetricsPath) : output is not null ? Path.Combine(output, MetricsFile) : null;
        CheckStateParameters();
        FixedMethodParameters.Check(this);
        FixedMethodOptions? method = Method == InterpreterMethod.HyperDas ? null : FixedMethodParameters.Options(this);
        HypernetworkOptions? network = method is null ? Network() : null;
        TrainingOptions training = method is null ? Training() : FixedMethodParameters.Training(this);
        if (!MayWrite(output ?? ModelName, $"Train {Method} at layer {Layer} on {DatasetName}{StateAction}", GoesOn, [.. Places(output)]))
        {
            return;
        }
        if (output is not null)
        {
            AtomicFile.ThrowIfUnwritable(Path.Combine(output, InterpreterStore.DescriptionFile));
        }
        LoadConfigInputs();
        Open(Model);
        KeepBegunFormat();
        LanguageModel model = Model.ToEngine();
        (RavelDataset dataset, RavelDomain[]? domains, ModelHandle handle) = (Dataset, Domain, Model);
        if (Compute((_, stop) => ExampleWarnings.OfUnusable(model, dataset, RavelSplit.Train, stop)) is string warning)
        {
            WriteWarning(warning);
        }
        if (network is not null)
        {
            TellStart(HyperDasInterpreter.StartOf(model, network), asked: network.FromScratch || HyperDasInterpreter.StartsFromCopies(model, network));
        }
        WriteVerbose($"{(object?)network ?? method}");
        WriteVerbose($"{training}");
        TrainingState? state = OpenState();
        if (AsJob)
        {
            HandOver(Model);
        }
        ComputeOrStartJob(AsJob, model.Device, Kept(state, (progress, stop) =>
        {
            TrainingResult trained = network is not null
                ? HyperDasTraining.Run(model, dataset, network, training, metrics, state, progress, stop)
                : FixedMethodTraining.Run(model, dataset, method!, training, domains, metrics, state, progress, stop);
            Interpreter interpreter = (Interpreter)trained.Interpreter;
            if (output is not null)
            {
                InterpreterStore.Save(interpreter, output);
            }
            return [trained with { Interpreter = new PipedInterpreter(interpreter, handle) }];
        }));
        HandOver(Model);
        if (!AsJob)
        {
            WarnOfLostActivations(model.ActivationFiles?.Problem);
        }
        if (output is not null && !AsJob)
        {
            InformWritten(output);
        }
    }

    private void TellStart(string start, bool asked)
    {
        string sentence = $"The hypernetwork starts from {start}.";
        if (asked)
        {
            WriteVerbose(sentence);
        }
        else
        {
            WriteWarning(sentence);
        }
    }

    // Metrics in the interpreter's folder are what an unfinished training left, unless the interpreter is there too.
    private IEnumerable<OutputPlace> Places(string? output)
    {
        if (output is not null)
        {
            yield return OutputPlace.Folder(output, InterpreterStore.DescriptionFile);
        }
        if (MetricsPath is not null && Has(nameof(MetricsPath)))
        {
            yield return OutputPlace.File(this.ResolveOutput(MetricsPath));
        }
    }

    // The option object first, -Faithful over it, and what is named on the command line last.
    private HypernetworkOptions Network()
    {
        HypernetworkOptions options = NetworkOption ?? new HypernetworkOptions { Layer = Layer };
        options = Faithful ? options.Faithful() : options;
        return options with
        {
            Layer = Layer,
            FeatureDimension = FeatureDimension ?? options.FeatureDimension,
            Subspace = Subspace ?? options.Subspace,
            Reflections = Reflections ?? options.Reflections,
            Blocks = Blocks ?? options.Blocks,
        };
    }

    private TrainingOptions Training()
    {
        TrainingOptions options = OptionOverlay.Over(TrainingOptions.Of(Method), TrainingOption, nameof(TrainingOption));
        options = Faithful ? options.Faithful() : options;
        return options with
        {
            Epochs = Epochs ?? options.Epochs,
            BatchSize = BatchSize ?? options.BatchSize,
            MaxSteps = MaxSteps ?? options.MaxSteps,
            LearningRate = LearningRate ?? options.LearningRate,
            MemoryLimit = MemoryLimit ?? options.MemoryLimit,
            Seed = Seed ?? options.Seed,
        };
    }
}
