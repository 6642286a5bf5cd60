using HyperDas.Engine.Experiments.Layers;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training;

namespace HyperDas.Engine.Experiments;

/// <summary>
/// Settings of a training before a model is open: from a document, option objects, and single settings. It is immutable;
/// <see cref="Settle"/> computes the result. Order of precedence, from lowest to highest: defaults, the original's values, the document,
/// option objects, single settings.
/// </summary>
public sealed record TrainingSetup
{
    /// <summary>Metrics file in an interpreter's folder.</summary>
    public const string MetricsFile = "metrics.jsonl";

    /// <summary>Stands for a layer that is yet to be found: every model and every method accepts it.</summary>
    public const int AnyLayer = 1;

    /// <summary>The document's run; null without a document.</summary>
    public ExperimentRun? Run { get; init; }

    /// <summary>The method; null for the document's, or HyperDAS.</summary>
    public InterpreterMethod? Method { get; init; }

    /// <summary>Intervention layer ℓ; null for that of the document, of the option object or of the initial interpreter.</summary>
    public int? Layer { get; init; }

    /// <summary>
    /// Look for the layer (<see cref="TrainingLayer"/>), whatever the document says; <see cref="Layer"/> is null then.
    /// </summary>
    public bool FindsLayer { get; init; }

    /// <summary>Whether to use the original's values where the document and options set nothing else.</summary>
    public bool Faithful { get; init; }

    /// <summary>Changes the interpreter's options; receives the unchanged options.</summary>
    public Func<MethodOptions, MethodOptions>? MethodOption { get; init; }

    /// <summary>Changes the training's options; receives the unchanged options.</summary>
    public Func<TrainingOptions, TrainingOptions>? TrainingOption { get; init; }

    /// <summary>Single settings, see <see cref="MethodDescription.Setting"/>, with values of the properties' types.</summary>
    public IReadOnlyDictionary<string, object> Named { get; init; } = new Dictionary<string, object>();

    /// <summary>The interpreter to start from; null for none, or for the one in <see cref="Training"/>.</summary>
    public TrainingStart? From { get; init; }

    /// <summary>The examples; null for those of the document.</summary>
    public RavelDataset? Dataset { get; init; }

    /// <summary>Domains to fit to in addition to the examples; null for those of the document, if it specifies them.</summary>
    public IReadOnlyList<RavelDomain>? Domains { get; init; }

    /// <summary>Absolute folder for the interpreter; null for the run folder of the document, if it specifies one.</summary>
    public string? OutputPath { get; init; }

    /// <summary>Absolute path of the metrics file; null for the default beside the interpreter, or in the run folder.</summary>
    public string? MetricsPath { get; init; }

    /// <summary>The method.</summary>
    public MethodDescription Description => MethodCatalog.Of(Method ?? Run?.Settings.Method.Name ?? InterpreterMethod.HyperDas);

    /// <summary>Whether the layer is yet to be found; settings then have <see cref="AnyLayer"/>.</summary>
    public bool IsLayerOpen => FindsLayer || (Layer is null && Run?.Settings.Method.FindsLayer == true);

    /// <summary>Options of the training, without the single settings.</summary>
    public TrainingOptions Training => TrainingOption is null ? Known.Training : TrainingOption(Known.Training);

    /// <summary>Folder for the interpreter; null for none.</summary>
    public string? Output => OutputPath ?? (RunFolder is not null && Run!.Settings.Outputs.Interpreter
        ? RunFolder.File(Experiments.RunFolder.InterpreterFolder) : null);

    /// <summary>Metrics file; null for none.</summary>
    public string? Metrics => MetricsPath ?? RunFolder?.File(Experiments.RunFolder.MetricsFile)
        ?? (Output is null ? null : Path.Combine(Output, MetricsFile));

    // The document's run folder, as with Invoke-HyperDasExperiment, if it names one and no other output is requested.
    private RunFolder? RunFolder =>
        OutputPath is null && Run?.Given.Contains("outputs.path") == true ? new RunFolder(Run.Path) : null;

    private bool IsDocuments => Run is not null && Run.Settings.Method.Name == Description.Method;

    private MethodSettings Known => IsDocuments
        ? new MethodSettings(Run!.Settings.Method.Options!, Run.Settings.Training)
        : MethodSettings.Of(Description.Method, IsLayerOpen ? AnyLayer : Layer ?? 0, Faithful);

    /// <summary>The resulting settings.</summary>
    /// <exception cref="HyperDasException">
    /// <c>LayerInvalid</c>, <c>OptionInvalid</c>; <c>InterpreterMismatch</c>: the interpreter to start from has another shape.
    /// </exception>
    /// <exception cref="ArgumentException">The method has no setting of a name in <see cref="Named"/>.</exception>
    public MethodSettings Settle()
    {
        if (IsLayerOpen && From is not null)
        {
            throw new HyperDasException(
                "LayerInvalid", HyperDasErrorKind.InvalidArgument,
                "-Layer Auto can't be combined with an interpreter to start from, because the search trains from scratch. "
                + "Specify the layer as a number.", "Auto");
        }
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

    /// <summary>
    /// The training, now that its target model is open, with its examples tokenised. Examples of the document are made where none are
    /// given.
    /// </summary>
    /// <param name="model">The target model; it belongs to the caller.</param>
    /// <param name="settings">The result of <see cref="Settle"/>.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Cancels the operation.</param>
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
            model, dataset ?? throw new InvalidOperationException("Specify a dataset, or a document with a data section."),
            settings.Method)
        {
            Options = settings.Training, Domains = domains, MetricsPath = Metrics, From = From,
        }.Tokenized(cancellation);
    }

    /// <summary>Trains: finds the layer first where it is open, and saves the interpreter where a folder for it is named.</summary>
    /// <param name="request">What <see cref="Request"/> returned.</param>
    /// <param name="layersFolder">Absolute folder where a search for the layer keeps its evidence; null to keep none.</param>
    /// <param name="restart">Search anew, whatever the folder holds.</param>
    /// <param name="progress">Told where the training stands.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The result; its interpreter belongs to the caller.</returns>
    /// <exception cref="HyperDasException">As <see cref="InterpreterTraining"/>, <see cref="TrainingLayer"/> and
    /// <see cref="InterpreterStore"/>.</exception>
    public TrainingResult Train(
        TrainingRequest request, string? layersFolder = null, bool restart = false, IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        IReadOnlyList<LayerCandidate> found =
            IsLayerOpen ? TrainingLayer.Find(request, layersFolder, restart, progress, cancellation) : [];
        if (found is [LayerCandidate best, ..])
        {
            request = request with { Method = request.Method with { Layer = best.Layer } };
        }
        TrainingResult trained = InterpreterTraining.Run(request, progress, cancellation) with { Layers = found };
        if (Output is null)
        {
            return trained;
        }
        Interpreter interpreter = (Interpreter)trained.Interpreter;
        try
        {
            InterpreterStore.Save(interpreter, Output);
        }
        catch
        {
            interpreter.Dispose();
            throw;
        }
        return trained;
    }
}
