using System.Collections.ObjectModel;
using System.Management.Automation;
using HyperDas.Completers;
using HyperDas.Engine.Experiments;
using HyperDas.Engine.Experiments.Layers;
using HyperDas.Engine.Files;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Training;
using HyperDas.Engine.Training.States;
using HyperDas.Handles;
using HyperDas.Pump;
using HyperDas.Transforms;

namespace HyperDas.Commands;

/// <summary>Trains an interpreter, of HyperDAS or of a method it is compared with, and waits until it is trained.</summary>
[Cmdlet(VerbsLifecycle.Start, "HyperDasTraining", DefaultParameterSetName = OptionSet, SupportsShouldProcess = true)]
[OutputType(typeof(TrainingResult), typeof(Job))]
public sealed class StartHyperDasTrainingCommand : TrainingCmdlet, IWriterCommand, IDynamicParameters
{
    private const string OptionSet = "Option", FromSet = "From", ConfigSet = "Config", MethodOption = "MethodOption";
    private ExperimentRun? _run;

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = OptionSet)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = FromSet)]
    [Parameter(ParameterSetName = ConfigSet)]
    [ModelTransform]
    [ArgumentCompleter(typeof(CachedModelCompleter))]
    public ModelHandle Model { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ParameterSetName = OptionSet)]
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ParameterSetName = FromSet)]
    [Parameter(ValueFromPipeline = true, ParameterSetName = ConfigSet)]
    [DatasetTransform]
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
    [LayerTransform]
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
    [DomainTransform]
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

    // Folder of a layer search, whose results a resumed training reuses.
    private string? LayersFolder => StatePath is null ? null : Path.Combine(this.ResolveOutput(StatePath), RunFolder.LayersFolder);

    /// <inheritdoc/>
    public object GetDynamicParameters()
    {
        // The method of a document isn't known yet.
        Type type = Config is not null
            ? typeof(object)
            : MethodOptions.TypeOf(Enum.IsDefined(Method) ? Method : InterpreterMethod.HyperDas);
        Collection<Attribute> attributes = [new ParameterAttribute(), new AliasAttribute("NetworkOption"), new ValidateNotNullAttribute()];
        if (Config is null)
        {
            attributes.Add(new OptionTransformAttribute(type));
        }
        return new RuntimeDefinedParameterDictionary { [MethodOption] = new RuntimeDefinedParameter(MethodOption, type, attributes) };
    }

    protected override void ProcessInput()
    {
        PipedModel? own = null;
        try
        {
            Train(ref own);
        }
        catch
        {
            // A model that was loaded here has no other user.
            own?.Dispose();
            throw;
        }
    }

    private void Train(ref PipedModel? own)
    {
        ExperimentRun? run = Config is null ? null : _run ??= ReadConfig(Config);
        CheckStateParameters();
        TrainingSetup setup = Setup(run);
        MethodSettings settings = setup.Settle();
        if (setup.IsLayerOpen && setup.From is not null)
        {
            throw Errors.LayerNotFoundFrom();
        }
        string layer = setup.IsLayerOpen ? "the layer found by search" : $"layer {settings.Method.Layer}";
        string target = run is null || Has(nameof(Model)) ? Model.Name : run.Settings.Target.Path;
        string examples = setup.Dataset?.ToString() ?? run!.Settings.Data.Path;
        string action = $"Train {setup.Description.Method} at {layer} on {examples}{StateAction}";
        if (!MayWrite(setup.Output ?? target, action, GoesOn, [.. Places(setup.Output)]))
        {
            return;
        }
        if (setup.Output is not null)
        {
            AtomicFile.ThrowIfUnwritable(Path.Combine(setup.Output, InterpreterStore.DescriptionFile));
        }
        ModelHandle handle = run is null || Has(nameof(Model)) ? Open(Model) : own = LoadTarget(run.Settings.Target);
        handle = KeepBegunFormat(handle.ToEngine()) is { } reloaded ? own = reloaded : handle;
        LanguageModel model = handle.ToEngine();
        (TrainingRequest request, IReadOnlyList<TrainingRemark> remarks) = Compute((progress, stop) =>
        {
            TrainingRequest asked = setup.Request(model, settings, progress, stop).Tokenized(stop);
            return (asked.Settled(), TrainingRemark.Of(asked, stop));
        });
        Tell(remarks);
        WriteVerbose($"{request.Method}");
        WriteVerbose($"{request.Options}");
        TrainingState? state = OpenState();
        request = request with { State = state };
        (string? layers, bool restart) = (LayersFolder, Restart);
        if (AsJob)
        {
            HandOver(handle);
        }
        ComputeOrStartJob(AsJob, model.Device, Kept(state, (progress, stop) =>
        {
            IReadOnlyList<LayerCandidate> found = setup.IsLayerOpen ? TrainingLayer.Find(request, layers, restart, progress, stop) : [];
            TrainingRequest chosen = found.Count > 0 ? request with { Method = request.Method with { Layer = found[0].Layer } } : request;
            TrainingResult trained = InterpreterTraining.Run(chosen, progress, stop) with { Layers = found };
            Interpreter interpreter = (Interpreter)trained.Interpreter;
            if (setup.Output is not null)
            {
                InterpreterStore.Save(interpreter, setup.Output);
            }
            return [trained with { Interpreter = new PipedInterpreter(interpreter, handle) }];
        }));
        HandOver(handle);
        if (!AsJob)
        {
            WarnOfLostActivations(model.ActivationFiles?.Problem);
        }
        if (setup.Output is not null && !AsJob)
        {
            InformWritten(setup.Output);
        }
    }

    private ExperimentRun ReadConfig(string config)
    {
        string file = this.ResolveInput(config, literal: true)[0];
        ExperimentReadOptions options = new()
        {
            SkipFiles = Has(nameof(Model)) || Has(nameof(Dataset)),
            Set = Faithful && !Has(nameof(Method)) ? ["method.faithful=true"] : [],
        };
        IReadOnlyList<ExperimentRun> runs = Compute((_, _) => ExperimentReader.Read(file, options));
        return runs.Count == 1 ? runs[0] : throw Errors.ConfigSweeps(file, runs.Count);
    }

    // The command line in the engine's terms: absolute paths, no parameters without a meaning.
    private TrainingSetup Setup(ExperimentRun? run)
    {
        TrainingSetup setup = new()
        {
            Run = run,
            Method = Has(nameof(Method)) ? Method : null,
            OutputPath = OutputPath is null ? null : this.ResolveOutput(OutputPath),
            MetricsPath = MetricsPath is null ? null : this.ResolveOutput(MetricsPath),
        };
        RefuseUnknown(setup.Description);
        setup = setup with
        {
            Layer = Has(nameof(Layer)) && Layer != LayerTransformAttribute.Auto ? Layer : null,
            FindsLayer = Has(nameof(Layer)) && Layer == LayerTransformAttribute.Auto,
            Faithful = Faithful,
            MethodOption = known => OptionOverlay.Over(known, MyInvocation.BoundParameters.GetValueOrDefault(MethodOption), MethodOption),
            TrainingOption = known => OptionOverlay.Over(known, TrainingOption, nameof(TrainingOption)),
            Named = MyInvocation.BoundParameters
                .Where(bound => bound.Key is not (nameof(Layer) or nameof(From)) && setup.Description.Setting(bound.Key) is not null)
                .Select(bound => (bound.Key, Value: bound.Value is PSObject wrapped ? wrapped.BaseObject : bound.Value))
                .Where(bound => bound.Value is not null).ToDictionary(bound => bound.Key, bound => bound.Value),
            Dataset = Has(nameof(Dataset)) ? Dataset : null,
            Domains = Domain,
        };
        return setup with { From = Beginning(setup.Training.From) };
    }

    // A parameter without a meaning is an error, or ignored with a warning if it is a default of the session.
    private void RefuseUnknown(MethodDescription method)
    {
        foreach (string name in MyInvocation.BoundParameters.Keys.Where(name => !method.Knows(name)).ToArray())
        {
            if (MethodCatalog.With(name) is { Count: > 0 } methods)
            {
                this.LeaveOut(name, Errors.ParameterUnused(name, method.Method, methods));
            }
        }
    }

    private TrainingStart? Beginning(string? options)
    {
        if (From is InterpreterHandle interpreter)
        {
            return TrainingStart.Of(interpreter.ToEngine());
        }
        if ((From as string ?? options) is not { } path)
        {
            return null;
        }
        IReadOnlyList<string> found = this.ResolveInput(path);
        return TrainingStart.At(found.Count == 1 ? found[0] : throw Errors.PathAmbiguous(path, found));
    }

    private PipedModel LoadTarget(ExperimentTarget target)
    {
        NumberFormat? begun = BegunFormat;
        return new PipedModel(Compute((progress, stop) => ExperimentInputs.Load(target, progress, stop, begun)));
    }

    private PipedModel? KeepBegunFormat(LanguageModel model)
    {
        if (BegunFormat is not { } begun || !model.Format.YieldsTo(begun))
        {
            return null;
        }
        WriteVerbose(
            $"{model.Name} is loaded again, because the training began with its weights held as {begun.Held} and computed in {begun.Computed} (here: {model.Format.Held}, {model.Format.Computed}).");
        return new PipedModel(Compute((progress, stop) => model.Reload(begun, progress, stop)));
    }

    private void Tell(IEnumerable<TrainingRemark> remarks)
    {
        foreach (TrainingRemark remark in remarks)
        {
            if (remark.IsWarning)
            {
                WriteWarning(remark.Text);
            }
            else
            {
                WriteVerbose(remark.Text);
            }
        }
    }

    // Metrics in the interpreter's folder belong to an unfinished training, unless the interpreter exists too.
    private IEnumerable<OutputPlace> Places(string? output)
    {
        if (output is not null)
        {
            yield return OutputPlace.Folder(output, InterpreterStore.DescriptionFile);
        }
        if (MetricsPath is not null)
        {
            yield return OutputPlace.File(this.ResolveOutput(MetricsPath));
        }
    }

    private bool Has(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);
}
