using HyperDas.Engine.Experiments;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Numerics;
using HyperDas.Handles;

namespace HyperDas.Commands;

/// <content>What <c>-Config</c>, an experiment's document, gives: everything that isn't named on the command line.</content>
public sealed partial class StartHyperDasTrainingCommand
{
    private Experiment? _experiment;
    private ModelHandle? _ownModel;

    private string ModelName => _experiment is null || Has(nameof(Model)) ? Model.Name : _experiment.Target.Path;

    private string DatasetName => _experiment is null || Has(nameof(Dataset)) ? Dataset.ToString() : _experiment.Data.Path;

    protected override void ProcessInput()
    {
        try
        {
            Train();
        }
        catch
        {
            // Nobody else knows of a model that was loaded here.
            _ownModel?.Dispose();
            _ownModel = null;
            throw;
        }
    }

    /// <summary>Takes the settings of the document; model and dataset come later, when it is certain that there will be a training.</summary>
    private void TakeConfig()
    {
        if (Config is null || _experiment is not null)
        {
            return;
        }
        string file = this.ResolveInput(Config, literal: true)[0];
        ExperimentReadOptions options = new() { SkipFiles = Has(nameof(Model)) || Has(nameof(Dataset)) };
        IReadOnlyList<ExperimentRun> runs = Compute((_, _) => ExperimentReader.Read(file, options));
        if (runs.Count > 1)
        {
            throw Errors.ConfigSweeps(file, runs.Count);
        }
        _experiment = runs[0].Settings;
        Layer = Has(nameof(Layer)) ? Layer : _experiment.Method.Layer;
        if (!Has(nameof(Method)))
        {
            Method = _experiment.Method.Name;
        }
        if (Method == _experiment.Method.Name)
        {
            NetworkOption ??= _experiment.Method.Network;
            MethodOption = _experiment.Method.Fixed is { } known ? Overlaid(known) : MethodOption;
            TrainingOption = OptionOverlay.Over(_experiment.Training, TrainingOption, nameof(TrainingOption));
        }
        TakeOutputs(runs[0]);
    }

    /// <summary>Loads the model and makes the examples of the document, where none are given.</summary>
    private void LoadConfigInputs()
    {
        if (_experiment is not { } experiment)
        {
            return;
        }
        if (!Has(nameof(Model)) && _ownModel is null)
        {
            (ExperimentTarget target, NumberFormat? begun) = (experiment.Target, BegunFormat);
            Model = _ownModel = new PipedModel(Compute((progress, stop) => ExperimentInputs.Load(target, progress, stop, begun)));
        }
        bool domains = experiment.Method.AllEntities && Method == experiment.Method.Name && !Has(nameof(Domain));
        if (!Has(nameof(Dataset)) || domains)
        {
            LanguageModel model = Open(Model).ToEngine();
            (RavelDataset dataset, IReadOnlyList<RavelDomain> all) = Compute((progress, stop) => ExperimentInputs.Examples(model, experiment.Data, progress, stop));
            Dataset = Has(nameof(Dataset)) ? Dataset : dataset;
            Domain = domains && all.Count > 0 ? [.. all] : Domain;
        }
    }

    // A training that began on another machine goes on with that machine's decision, unless the user has decided otherwise.
    private void KeepBegunFormat()
    {
        LanguageModel model = Model.ToEngine();
        if (BegunFormat is not { } begun || begun.Equivalent(model.Format) || !(model.Format.Automatic || model.Dtype == begun.Held))
        {
            return;
        }
        WriteVerbose($"{model.Name} is loaded once more, since the training began with its weights held as {begun.Held} and computed in {begun.Computed} (here: {model.Format.Held}, {model.Format.Computed}).");
        Model = _ownModel = new PipedModel(Compute((progress, stop) => model.Reload(begun, progress, stop)));
    }

    // A run's folder, as Invoke-HyperDasExperiment leaves it, as far as a training has something to write.
    private void TakeOutputs(ExperimentRun run)
    {
        if (!run.Given.Contains("outputs.path") || OutputPath is not null)
        {
            return;
        }
        RunFolder folder = new(run.Path);
        OutputPath = run.Settings.Outputs.Interpreter ? folder.File(RunFolder.InterpreterFolder) : null;
        MetricsPath ??= folder.File(RunFolder.MetricsFile);
    }

    private FixedMethodOptions Overlaid(FixedMethodOptions known)
    {
        return known switch
        {
            MdasOptions mdas => Over(mdas),
            DasOptions das => Over(das),
            DbmOptions dbm => Over(dbm),
            PcaOptions pca => Over(pca),
            SaeOptions sae => Over(sae),
            _ => Over((RlapOptions)known),
        };

        T Over<T>(T defaults)
            where T : FixedMethodOptions => OptionOverlay.Over(defaults, MethodOption, nameof(MethodOption));
    }

    private bool Has(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);
}
