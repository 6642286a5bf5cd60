using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training;

namespace HyperDas.Engine.Experiments;

/// <summary>
/// What is said about a training before a model is open: in a document, by option objects, and setting by setting. It is never changed;
/// <see cref="Settle"/> computes what it amounts to. Defaults come first, then the original's values, the document, option objects, and
/// what is named alone: the last word counts.
/// </summary>
public sealed record TrainingSetup
{
    /// <summary>File of metrics in an interpreter's folder.</summary>
    public const string MetricsFile = "metrics.jsonl";

    /// <summary>Holds the place of a layer that is still to be found: every model has it, and every method takes it.</summary>
    public const int AnyLayer = 1;

    /// <summary>What the document says; null without a document.</summary>
    public ExperimentRun? Run { get; init; }

    /// <summary>The method; null: the document's, or HyperDAS.</summary>
    public InterpreterMethod? Method { get; init; }

    /// <summary>Intervention layer ℓ; null: that of the document, of the option object or of the interpreter to start from.</summary>
    public int? Layer { get; init; }

    /// <summary>
    /// Look for the layer (<see cref="Layers.TrainingLayer"/>), whatever the document says; <see cref="Layer"/> is null then.
    /// </summary>
    public bool FindsLayer { get; init; }

    /// <summary>Take the original's values where the document and options say nothing else.</summary>
    public bool Faithful { get; init; }

    /// <summary>Changes what the interpreter consists of; given the options where nothing is changed.</summary>
    public Func<MethodOptions, MethodOptions>? MethodOption { get; init; }

    /// <summary>Changes how it is trained; given the options where nothing is changed.</summary>
    public Func<TrainingOptions, TrainingOptions>? TrainingOption { get; init; }

    /// <summary>Settings that are named alone, see <see cref="MethodDescription.Setting"/>, with values of the properties' types.</summary>
    public IReadOnlyDictionary<string, object> Named { get; init; } = new Dictionary<string, object>();

    /// <summary>The interpreter to start from; null: none, or the one that <see cref="Training"/> names.</summary>
    public TrainingStart? From { get; init; }

    /// <summary>The examples; null: those of the document.</summary>
    public RavelDataset? Dataset { get; init; }

    /// <summary>Domains to learn from beside the examples; null: those of the document, where it says so.</summary>
    public IReadOnlyList<RavelDomain>? Domains { get; init; }

    /// <summary>Absolute folder for the interpreter; null: in the document's folder of the run, where it names one.</summary>
    public string? OutputPath { get; init; }

    /// <summary>Absolute file for metrics; null: beside the interpreter, or in the folder of the run.</summary>
    public string? MetricsPath { get; init; }

    /// <summary>The method.</summary>
    public MethodDescription Description => MethodCatalog.Of(Method ?? Run?.Settings.Method.Name ?? InterpreterMethod.HyperDas);

    /// <summary>Whether the layer is still to be found; settings have <see cref="AnyLayer"/> then.</summary>
    public bool IsLayerOpen => FindsLayer || (Layer is null && Run?.Settings.Method.FindsLayer == true);

    /// <summary>How it is trained, before what is named alone.</summary>
    public TrainingOptions Training => TrainingOption is null ? Known.Training : TrainingOption(Known.Training);

    /// <summary>Folder that the interpreter is saved to; null for none.</summary>
    public string? Output => OutputPath ?? (RunFolder is not null && Run!.Settings.Outputs.Interpreter
        ? RunFolder.File(Experiments.RunFolder.InterpreterFolder) : null);

    /// <summary>File that metrics are written to; null for none.</summary>
    public string? Metrics => MetricsPath ?? RunFolder?.File(Experiments.RunFolder.MetricsFile)
        ?? (Output is null ? null : Path.Combine(Output, MetricsFile));

    // A run's folder, as Invoke-HyperDasExperiment leaves it, where the document names one and nothing else is wanted.
    private RunFolder? RunFolder =>
        OutputPath is null && Run?.Given.Contains("outputs.path") == true ? new RunFolder(Run.Path) : null;

    private bool IsDocuments => Run is not null && Run.Settings.Method.Name == Description.Method;

    private MethodSettings Known => IsDocuments
        ? new MethodSettings(Run!.Settings.Method.Options!, Run.Settings.Training)
        : MethodSettings.Of(Description.Method, IsLayerOpen ? AnyLayer : Layer ?? 0, Faithful);

    /// <summary>What it all amounts to.</summary>
    /// <exception cref="HyperDasException">
    /// <c>LayerInvalid</c>, <c>OptionInvalid</c>; <c>InterpreterMismatch</c>: the interpreter to start from has another shape.
    /// </exception>
    /// <exception cref="ArgumentException">The method has no setting of a name in <see cref="Named"/>.</exception>
    public MethodSettings Settle()
    {
        // Without a document an interpreter to start from says what another one consists of.
        MethodOptions known = From is null || IsDocuments ? Known.Method : Faithful ? From.Network.Faithful() : From.Network;
        int layer = IsLayerOpen ? AnyLayer : Layer ?? Run?.Settings.Method.Layer ?? known.Layer;
        MethodSettings settings = new((MethodOption is null ? known : MethodOption(known)) with { Layer = layer }, Training);
        settings = Named.Aggregate(settings, (before, named) => before.With(named.Key, named.Value));
        Description.ThrowIfBroken(settings.Method, settings.Training);
        if (settings.Method is HypernetworkOptions network)
        {
            From?.ThrowIfOfOtherShape(network);
        }
        return settings;
    }

    /// <summary>The training, now that its target model is open. Examples of the document are made where none are given.</summary>
    /// <param name="model">The target model; it belongs to the caller.</param>
    /// <param name="settings">What <see cref="Settle"/> returned.</param>
    /// <param name="progress">Told where the making of examples stands.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="HyperDasException">As <see cref="DatasetMaking"/> and <see cref="RavelReader.Read"/>;
    /// <c>InterpreterMismatch</c>: the interpreter to start from is one of another target model.</exception>
    /// <exception cref="InvalidOperationException">There is neither a dataset nor a document.</exception>
    public TrainingRequest Request(
        LanguageModel model, MethodSettings settings, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        From?.ThrowIfOfOther(model);
        (RavelDataset? dataset, IReadOnlyList<RavelDomain>? domains) = (Dataset, Domains);
        bool all = IsDocuments && Run!.Settings.Method.AllEntities && Domains is null;
        if (Run is not null && (dataset is null || all))
        {
            (RavelDataset made, IReadOnlyList<RavelDomain> read) =
                ExperimentInputs.Examples(model, Run.Settings.Data, progress, cancellation);
            dataset ??= made;
            domains = all && read.Count > 0 ? read : domains;
        }
        return new TrainingRequest(
            model, dataset ?? throw new InvalidOperationException("Give a dataset, or a document that says where examples come from."),
            settings.Method)
        {
            Options = settings.Training, Domains = domains, MetricsPath = Metrics, From = From,
        };
    }
}
