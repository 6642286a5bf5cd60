using System.Collections.ObjectModel;
using System.Management.Automation;
using HyperDas.Completers;
using HyperDas.Engine.Experiments;
using HyperDas.Engine.Experiments.Layers;
using HyperDas.Engine.Files;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training;
using HyperDas.Engine.Training.States;
using HyperDas.Handles;
using HyperDas.Pump;
using HyperDas.Transforms;

namespace HyperDas.Commands;

/// <summary>Trains an interpreter, of HyperDAS or of a method that it is compared with, and waits for it.</summary>
[Cmdlet(VerbsLifecycle.Start, "HyperDasTraining", DefaultParameterSetName = OptionSet, SupportsShouldProcess = true)]
[OutputType(typeof(TrainingResult), typeof(Job))]
public sealed class StartHyperDasTrainingCommand : TrainingCmdlet, IWriterCommand, IDynamicParameters
{
    private const string MetricsFile =
        "metrics.jsonl", OptionSet = "Option", FromSet = "From", ConfigSet = "Config", MethodOption = "MethodOption";

    // Until one is found. Every model has it, and every method takes it.
    private const int AnyLayer = 1;

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

    // Where a search keeps its evidence, so that a training which goes on doesn't search again.
    private string? LayersFolder => StatePath is null ? null : Path.Combine(this.ResolveOutput(StatePath), RunFolder.LayersFolder);

    private bool IsSame(ExperimentRun? run) => run is not null && run.Settings.Method.Name == MethodOf(run);

    private InterpreterMethod MethodOf(ExperimentRun? run) => run is null || Has(nameof(Method)) ? Method : run.Settings.Method.Name;

    /// <inheritdoc/>
    public object GetDynamicParameters()
    {
        // Of a document the method isn't known yet.
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
            // Nobody else knows of a model that was loaded here.
            own?.Dispose();
            throw;
        }
    }

    private void Train(ref PipedModel? own)
    {
        ExperimentRun? run = Config is null ? null : _run ??= ReadConfig(Config);
        (string? output, string? metrics) = Outputs(run);
        CheckStateParameters();
        MethodDescription method = MethodCatalog.Of(MethodOf(run));
        bool finds = Has(nameof(Layer)) ? Layer == LayerTransformAttribute.Auto : run?.Settings.Method.FindsLayer == true;
        (MethodSettings settings, TrainingStart? start) = Settings(method, run, finds);
        if (finds && start is not null)
        {
            throw Errors.LayerNotFoundFrom();
        }
        string layer = finds ? "the layer that is found" : $"layer {settings.Method.Layer}";
        string target = run is null || Has(nameof(Model)) ? Model.Name : run.Settings.Target.Path;
        string examples = run is null || Has(nameof(Dataset)) ? Dataset.ToString() : run.Settings.Data.Path;
        if (!MayWrite(output ?? target, $"Train {method.Method} at {layer} on {examples}{StateAction}", GoesOn,
            [.. Places(output)]))
        {
            return;
        }
        if (output is not null)
        {
            AtomicFile.ThrowIfUnwritable(Path.Combine(output, InterpreterStore.DescriptionFile));
        }
        ModelHandle handle = run is null || Has(nameof(Model)) ? Open(Model) : own = LoadTarget(run.Settings.Target);
        handle = KeepBegunFormat(handle.ToEngine()) is { } reloaded ? own = reloaded : handle;
        LanguageModel model = handle.ToEngine();
        start?.ThrowIfOfOther(model);
        TrainingRequest request = Request(model, settings, run) with { MetricsPath = metrics, From = start };
        if (Compute((_, stop) => UnusableExamples.Remark(model, request.Dataset, RavelSplit.Train, stop)) is string warning)
        {
            WriteWarning(warning);
        }
        if (CompactDefaults.Remark(model.Config, settings.Method) is { } remark)
        {
            WriteWarning(remark);
        }
        if (CompactDefaults.Price(model.Config, settings.Method, settings.Training) is { } price)
        {
            WriteVerbose(price);
        }
        request = request.Settled();
        TellStart(method, request);
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
            IReadOnlyList<LayerCandidate> found = finds ? TrainingLayer.Find(request, layers, restart, progress, stop) : [];
            TrainingRequest chosen = finds ? request with { Method = request.Method with { Layer = found[0].Layer } } : request;
            TrainingResult trained = InterpreterTraining.Run(chosen, progress, stop) with { Layers = found };
            Interpreter interpreter = (Interpreter)trained.Interpreter;
            if (output is not null)
            {
                InterpreterStore.Save(interpreter, output);
            }
            return [trained with { Interpreter = new PipedInterpreter(interpreter, handle) }];
        }));
        HandOver(handle);
        if (!AsJob)
        {
            WarnOfLostActivations(model.ActivationFiles?.Problem);
        }
        if (output is not null && !AsJob)
        {
            InformWritten(output);
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

    // A run's folder, as Invoke-HyperDasExperiment leaves it, as far as a training has something to write.
    private (string? Output, string? Metrics) Outputs(ExperimentRun? run)
    {
        string? output = OutputPath, metrics = MetricsPath;
        if (output is null && run?.Given.Contains("outputs.path") == true)
        {
            RunFolder folder = new(run.Path);
            output = run.Settings.Outputs.Interpreter ? folder.File(RunFolder.InterpreterFolder) : null;
            metrics ??= folder.File(RunFolder.MetricsFile);
        }
        output = output is null ? null : this.ResolveOutput(output);
        return (output, metrics is not null ? this.ResolveOutput(metrics) : output is not null ? Path.Combine(output, MetricsFile) : null);
    }

    // Defaults, the original's values, the document, option objects, and what is named on the command line: the last word counts.
    private (MethodSettings Settings, TrainingStart? Start) Settings(MethodDescription method, ExperimentRun? run, bool finds)
    {
        RefuseUnused(nameof(Faithful), method, m => m.HasFaithful);
        RefuseUnused(nameof(Domain), method, m => m.LearnsFromDomains);
        RefuseUnused(nameof(From), method, m => m.Setting(nameof(From)) is not null);
        MethodSettings settings = IsSame(run)
            ? new MethodSettings(run!.Settings.Method.Options!, run.Settings.Training)
            : MethodSettings.Of(method.Method, finds ? AnyLayer : Layer, Faithful);
        TrainingOptions training = OptionOverlay.Over(settings.Training, TrainingOption, nameof(TrainingOption));
        TrainingStart? start = Beginning(training);
        // Without a document an interpreter to start from says what another one consists of.
        MethodOptions known = start is null || IsSame(run) ? settings.Method : Faithful ? start.Network.Faithful() : start.Network;
        int layer = finds ? AnyLayer : Has(nameof(Layer)) ? Layer : run?.Settings.Method.Layer ?? known.Layer;
        settings = new MethodSettings(
            OptionOverlay.Over(known, MyInvocation.BoundParameters.GetValueOrDefault(MethodOption), MethodOption) with { Layer = layer },
            training);
        foreach ((string name, object value) in MyInvocation.BoundParameters.Where(
            bound => bound.Key is not (nameof(Layer) or nameof(From))).ToArray())
        {
            if (MethodCatalog.With(name) is { Count: > 0 }
                && !RefuseUnused(name, method, m => m.Setting(name) is not null) && value is not null)
            {
                settings = settings.With(name, value is PSObject wrapped ? wrapped.BaseObject : value);
            }
        }
        method.ThrowIfBroken(settings.Method, settings.Training);
        if (settings.Method is HypernetworkOptions network)
        {
            start?.ThrowIfOfOtherShape(network);
        }
        return (settings, start);
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

    // A parameter that would be ignored is an error, or left out with a warning where it is a default of the session.
    private bool RefuseUnused(string parameter, MethodDescription method, Func<MethodDescription, bool> has)
    {
        if (!Has(parameter) || has(method))
        {
            return false;
        }
        this.LeaveOut(parameter, Errors.ParameterUnused(parameter, method.Method, MethodCatalog.All.Where(has).Select(m => m.Method)));
        return true;
    }

    private PipedModel LoadTarget(ExperimentTarget target)
    {
        NumberFormat? begun = BegunFormat;
        return new PipedModel(Compute((progress, stop) => ExperimentInputs.Load(target, progress, stop, begun)));
    }

    // A training that began on another machine goes on with that machine's decision, unless the user has decided otherwise.
    private PipedModel? KeepBegunFormat(LanguageModel model)
    {
        if (BegunFormat is not { } begun || begun.Equivalent(model.Format) || !(model.Format.Automatic || model.Dtype == begun.Held))
        {
            return null;
        }
        WriteVerbose(
            $"{model.Name} is loaded once more, since the training began with its weights held as {begun.Held} and computed in {begun.Computed} (here: {model.Format.Held}, {model.Format.Computed}).");
        return new PipedModel(Compute((progress, stop) => model.Reload(begun, progress, stop)));
    }

    // Examples of the document are made where none are given, now that it is certain that there will be a training.
    private TrainingRequest Request(LanguageModel model, MethodSettings settings, ExperimentRun? run)
    {
        RavelDataset? dataset = Has(nameof(Dataset)) ? Dataset : null;
        IReadOnlyList<RavelDomain>? domains = Domain;
        bool all = IsSame(run) && run!.Settings.Method.AllEntities && !Has(nameof(Domain));
        if (run is not null && (dataset is null || all))
        {
            ExperimentData data = run.Settings.Data;
            (RavelDataset made, IReadOnlyList<RavelDomain> read) = Compute(
                (progress, stop) => ExperimentInputs.Examples(model, data, progress, stop));
            dataset ??= made;
            domains = all && read.Count > 0 ? read : domains;
        }
        return new TrainingRequest(model, dataset ?? Dataset, settings.Method) { Options = settings.Training, Domains = domains };
    }

    private void TellStart(MethodDescription method, TrainingRequest request)
    {
        if (request.From is { } start)
        {
            TellStart(start, (HypernetworkOptions)request.Method, request.Options);
        }
        else if (method.Start(request.Method, request.Model) is { } own)
        {
            TellStart(own.Words, own.IsAsked);
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
        if (MetricsPath is not null)
        {
            yield return OutputPlace.File(this.ResolveOutput(MetricsPath));
        }
    }

    private bool Has(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);
}
