using System.Security.Cryptography;
using HyperDas.Engine.Evaluation.Checks;
using HyperDas.Engine.Experiments.Plans;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Experiments;

/// <summary>
/// The model and the examples of experiments. The last ones are kept, since the runs of a sweep usually share them: the same settings give
/// the same examples, kept or rebuilt.
/// </summary>
public sealed class ExperimentInputs : IDisposable
{
    private (ExperimentTarget Target, NumberFormat? Format, LanguageModel Model)? _model;
    private (ExperimentTarget Target, string Data, RavelDataset Dataset, IReadOnlyList<RavelDomain> Domains)? _dataset;
    private (LanguageModel Model, IReadOnlyList<ModelCheck> Checks)? _modelChecks;
    private (RavelDataset Dataset, IReadOnlyList<ModelCheck> Checks)? _exampleChecks;

    private bool _isLent;

    /// <summary>An existing model and examples; the model remains its owner's.</summary>
    /// <param name="experiment">Their settings.</param>
    /// <param name="model">The model.</param>
    /// <param name="dataset">The examples.</param>
    /// <param name="domains">The domains from which they were built; empty if unknown.</param>
    internal static ExperimentInputs Of(
        Experiment experiment, LanguageModel model, RavelDataset dataset, IReadOnlyList<RavelDomain> domains) => new()
    {
        _isLent = true,
        _model = (experiment.Target, null, model),
        _dataset = (experiment.Target, "", dataset, domains),
    };

    /// <summary>The target model of an experiment; it belongs to this object.</summary>
    /// <param name="experiment">The experiment, paths absolute.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Checked between tensors.</param>
    /// <param name="format">Number formats with which the run began; null: those of the experiment, or the machine's default.</param>
    /// <exception cref="HyperDasException">As <see cref="LanguageModel.Load"/>.</exception>
    public LanguageModel Model(
        Experiment experiment, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default,
        NumberFormat? format = null)
    {
        if (!_isLent && (_model is not { } kept || kept.Target != experiment.Target || kept.Format != format))
        {
            _model?.Model.Dispose();
            (_model, _dataset) = (null, _model?.Target == experiment.Target ? null : _dataset);
            _model = (experiment.Target, format, Load(experiment.Target, progress, cancellation, format));
        }
        return _model!.Value.Model;
    }

    // The model that the run has already requested, whatever its formats.
    private LanguageModel Current(Experiment experiment, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        _model is { } kept && kept.Target == experiment.Target ? kept.Model : Model(experiment, progress, cancellation);

    /// <summary>Loads a target model with the files of its hidden states; the caller disposes it.</summary>
    /// <param name="target">The model, with absolute paths.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Checked between tensors.</param>
    /// <param name="format">Number formats with which a training began; null: those of <paramref name="target"/>, or the machine's
    /// default.</param>
    /// <exception cref="HyperDasException">As <see cref="LanguageModel.Load"/> and <see cref="LanguageModel.KeepActivations"/>.</exception>
    public static LanguageModel Load(
        ExperimentTarget target, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default,
        NumberFormat? format = null)
    {
        LanguageModel model = LanguageModel.Load(target.Path, target.Dtype ?? ModelDtype.Auto, target.Device, progress, cancellation,
            format, target.Adapter, target.ChatTemplate);
        try
        {
            return model.KeepActivations(target.CachePath, target.CacheLimit);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>The examples of an experiment, and the domains that they are made from; no domains for a finished dataset.</summary>
    /// <param name="experiment">The experiment, paths absolute.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <exception cref="HyperDasException">As <see cref="RavelReader.Read"/> and the builders.</exception>
    public (RavelDataset Dataset, IReadOnlyList<RavelDomain> Domains) Dataset(
        Experiment experiment, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        // Lists in records are compared by reference, their text by value.
        string data = ExperimentYaml.Section(experiment, nameof(Experiment.Data));
        if (!_isLent && (_dataset is not { } kept || kept.Data != data || kept.Target != experiment.Target))
        {
            (RavelDataset dataset, IReadOnlyList<RavelDomain> domains) =
                Examples(Current(experiment, progress, cancellation), experiment.Data, AnswersFolder, keep: false, progress, cancellation);
            _dataset = (experiment.Target, data, dataset, domains);
        }
        return (_dataset!.Value.Dataset, _dataset.Value.Domains);
    }

    /// <summary>Checks of an experiment's model and counts of its examples; run once for all runs that share them.</summary>
    /// <param name="experiment">The experiment, paths absolute.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    public IReadOnlyList<ModelCheck> Checks(
        Experiment experiment, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        LanguageModel model = Current(experiment, progress, cancellation);
        (RavelDataset dataset, IReadOnlyList<RavelDomain> domains) = Dataset(experiment, progress, cancellation);
        if (!ReferenceEquals(_modelChecks?.Model, model))
        {
            _modelChecks = (model, ModelChecks.Run(ModelChecks.Of(model), progress, cancellation));
            _exampleChecks = null;
        }
        if (!ReferenceEquals(_exampleChecks?.Dataset, dataset))
        {
            _exampleChecks = (dataset, ModelChecks.Run(ExampleChecks.Of(model, dataset), progress, cancellation));
        }
        return [.. _modelChecks.Value.Checks, .. _exampleChecks.Value.Checks, .. Described(model, experiment.Data, domains)];
    }

    private static IEnumerable<ModelCheck> Described(LanguageModel model, ExperimentData data, IReadOnlyList<RavelDomain> domains)
    {
        if (data.BuilderOptions()?.InstructionStyle != InstructionStyle.Descriptions || domains.Count == 0)
        {
            yield break;
        }
        string? shortcoming = ConceptWording.Shortcoming(domains);
        yield return new ModelCheck
        {
            Name = "ConceptsDescribed",
            Model = model.Name,
            Passed = shortcoming is null,
            Required = false,
            Compares = "attributes that have descriptions",
            Detail = shortcoming ?? "Every attribute has descriptions.",
        };
    }

    /// <summary>Folder in which <see cref="KeepAnswers"/> has stored models' answers; null for none.</summary>
    internal string? AnswersFolder { get; set; }

    /// <summary>Builds the examples of an experiment and stores the model's answers, which other processes can then reuse.</summary>
    /// <param name="experiment">The experiment, paths absolute.</param>
    /// <param name="folder">Folder of the answers; existing ones are kept.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <exception cref="HyperDasException">As <see cref="Dataset"/>; <c>WriteFailed</c>.</exception>
    internal void KeepAnswers(
        Experiment experiment, string folder, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (!File.Exists(experiment.Data.Path))
        {
            Examples(Current(experiment, progress, cancellation), experiment.Data, folder, keep: true, progress, cancellation);
        }
    }

    /// <summary>Reads or makes examples for a model that is loaded.</summary>
    /// <param name="model">The target model.</param>
    /// <param name="data">Where from, and which.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <exception cref="HyperDasException">As <see cref="RavelReader.Read"/> and the builders.</exception>
    public static (RavelDataset Dataset, IReadOnlyList<RavelDomain> Domains) Examples(
        LanguageModel model, ExperimentData data, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default) =>
        Examples(model, data, answers: null, keep: false, progress, cancellation);

    private static (RavelDataset Dataset, IReadOnlyList<RavelDomain> Domains) Examples(
        LanguageModel model, ExperimentData data, string? answers, bool keep, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        if (File.Exists(data.Path))
        {
            return (RavelDatasetFile.Read(data.Path), []);
        }
        RavelDomain[] domains =
            [.. (data.Domains ?? RavelReader.DomainsOrThrow(data.Path)).Select(domain => RavelReader.Read(data.Path, domain))];
        DatasetRequest request = new(domains)
        {
            Pairs = data.Pairs ?? new RavelBuildOptions(), Instances = data.Instances, Upsampling = data.Upsampling,
        };
        KeptAnswers asked = new(new ModelFactOracle(model), DatasetMaking.Completions(model, request));
        string? file = answers is null || (!keep && !Directory.Exists(answers)) ? null : KeptAnswers.FileOf(answers, model, data, domains);
        if (File.Exists(file))
        {
            asked.Read(file);
        }
        RavelDataset dataset = DatasetMaking.Make(model, request, asked, asked, progress, cancellation);
        if (keep && asked.Asked > 0)
        {
            asked.Write(file!);
        }
        return (dataset, domains);
    }

    /// <summary>SHA-256 of a finished dataset's file; null when the examples are built from RAVEL's files.</summary>
    /// <param name="data">Source of the examples.</param>
    internal static string? Sha256(ExperimentData data)
    {
        if (!File.Exists(data.Path))
        {
            return null;
        }
        using FileStream file = Files.WholeFile.Open(data.Path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>Why the last model's hidden states weren't all stored in files; null when they were, or when there are no files.</summary>
    internal string? ActivationProblem => _model?.Model.ActivationFiles?.Problem;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isLent)
        {
            _model?.Model.Dispose();
        }
        _model = null;
    }
}
