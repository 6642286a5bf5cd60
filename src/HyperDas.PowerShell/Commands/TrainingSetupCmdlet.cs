using System.Collections.ObjectModel;
using System.ComponentModel;
using System.Management.Automation;
using HyperDas.Completers;
using HyperDas.Engine.Experiments;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Training;
using HyperDas.Handles;
using HyperDas.Transforms;

namespace HyperDas.Commands;

/// <summary>
/// The parameters that say what is trained, and how: a document, option objects and settings named alone, as a <see cref="TrainingSetup"/>.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class TrainingSetupCmdlet : TrainingCmdlet, IDynamicParameters
{
    /// <summary>Names of the parameter sets.</summary>
    private protected const string OptionSet = "Option", FromSet = "From", ConfigSet = "Config";

    private const string MethodOption = "MethodOption";
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

    /// <summary>What the command line says, as the engine takes it: paths absolute, and nothing in it that means nothing.</summary>
    /// <exception cref="HyperDasException">
    /// <c>ConfigInvalid</c>, <c>ConfigSweeps</c>, <c>ParameterUnused</c>, <c>OptionInvalid</c>, <c>PathNotFound</c>, <c>PathAmbiguous</c>.
    /// </exception>
    private protected TrainingSetup Setup()
    {
        TrainingSetup setup = new()
        {
            // Read once, however many datasets come down the pipeline.
            Run = Config is null ? null : _run ??= ReadConfig(Config),
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

    /// <summary>Whether a parameter was given.</summary>
    /// <param name="parameter">Its name.</param>
    private protected bool Has(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

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

    // A parameter that would be ignored is an error, or left out with a warning where it is a default of the session.
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
}
