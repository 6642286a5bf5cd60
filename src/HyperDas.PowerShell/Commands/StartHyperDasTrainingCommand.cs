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
    private const string MetricsFile = "metrics.jsonl", OptionSet = "Option", FromSet = "From", ConfigSet = "Config";

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = OptionSet)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = FromSet)]
    [Parameter(ParameterSetName = ConfigSet)]
    [ModelTransform]
    public ModelHandle Model { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ParameterSetName = OptionSet)]
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ParameterSetName = FromSet)]
    [Parameter(ValueFromPipeline = true, ParameterSetName = ConfigSet)]
    public RavelDataset Dataset { get; set; } = null!;

    [Parameter(Mandatory = true, ParameterSetName = ConfigSet)]
    [ValidateNotNullOrEmpty]
    public string? Config { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = FromSet)]
    [Parameter(ParameterSetName = ConfigSet)]
    [StartTransform]
    [ValidateNotNullOrEmpty]
    public object? From { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = OptionSet)]
    [Parameter(ParameterSetName = FromSet)]
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
        TrainingOptions training = method is null ? Training() : FixedMethodParameters.Training(this);
        TrainingStart? start = method is null ? Beginning(training) : null;
        HypernetworkOptions? network = method is null ? Network(start) : null;
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
        start?.ThrowIfOfOther(model);
        (RavelDataset dataset, RavelDomain[]? domains, ModelHandle handle) = (Dataset, Domain, Model);
        if (Compute((_, stop) => ExampleWarnings.OfUnusable(model, dataset, RavelSplit.Train, stop)) is string warning)
        {
            WriteWarning(warning);
        }
        if (start is not null)
        {
            TellStart(start, network!, training);
        }
        else if (network is not null)
        {
            TellStart(HyperDasInterpreter.StartOf(model, network), asked: HyperDasInterpreter.StartsAsAsked(model, network));
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
                ? HyperDasTraining.Run(model, dataset, network, training, metrics, state, progress, stop, start)
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

    // Settings of a training are chosen for each; what the interpreter is made of should be as it was.
    private void TellStart(TrainingStart start, HypernetworkOptions network, TrainingOptions training)
    {
        WriteVerbose($"The hypernetwork starts from the parameters of {start.Name}.");
        if (start.DifferencesTo(network) is { Count: > 0 } made)
        {
            WriteWarning($"The training starts from {start.Name} with other options of the interpreter: {string.Join(", ", made)}.");
        }
        if (start.DifferencesTo(training) is { Count: > 0 } trained)
        {
            WriteVerbose($"It trains otherwise than {start.Name} was trained: {string.Join(", ", trained)}.");
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

    private TrainingStart? Beginning(TrainingOptions training)
    {
        if (From is InterpreterHandle interpreter)
        {
            return TrainingStart.Of(interpreter.ToEngine());
        }
        if ((From as string ?? training.From) is not { } path)
        {
            return null;
        }
        IReadOnlyList<string> found = this.ResolveInput(path);
        return TrainingStart.At(found.Count == 1 ? found[0] : throw Errors.PathAmbiguous(path, found));
    }

    // The option object first, -Faithful over it, and what is named on the command line last.
    private HypernetworkOptions Network(TrainingStart? start)
    {
        HypernetworkOptions options = NetworkOption ?? start?.Network ?? new HypernetworkOptions { Layer = Layer };
        Layer = Has(nameof(Layer)) || start is null || _experiment is not null ? Layer : options.Layer;
        options = Faithful ? options.Faithful() : options;
        options = options with
        {
            Layer = Layer,
            FeatureDimension = FeatureDimension ?? options.FeatureDimension,
            Subspace = Subspace ?? options.Subspace,
            Reflections = Reflections ?? options.Reflections,
            Blocks = Blocks ?? options.Blocks,
        };
        start?.ThrowIfOfOtherShape(options);
        return options;
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
