using System.Security.Cryptography;
using System.Text;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training;
using HyperDas.Engine.Training.States;

namespace HyperDas.Engine.Experiments.Layers;

/// <summary>Finds the layer of a training without a document: its model and examples are in memory.</summary>
public static class TrainingLayer
{
    /// <summary>Starts or resumes a search.</summary>
    /// <param name="request">The training; its layer is ignored. It starts from no interpreter except one that its options name.</param>
    /// <param name="folder">Absolute folder of the search, which resumes from it; null to store nothing.</param>
    /// <param name="restart">Whether to start over.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Checked at every step.</param>
    /// <returns>The layers, best first.</returns>
    /// <exception cref="HyperDasException">As for a search of <see cref="ExperimentRunner"/>.</exception>
    public static IReadOnlyList<LayerCandidate> Find(
        TrainingRequest request, string? folder, bool restart, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        string? temporary = folder is null ? Directory.CreateTempSubdirectory("hyperdas-layers-").FullName : null;
        try
        {
            string place = folder ?? temporary!;
            // The name identifies model and examples, which prevents reuse of results of others.
            string data = Path.Combine(place, $"dataset-{Hash(request)}.jsonl");
            if (!File.Exists(data))
            {
                RavelDatasetFile.Write(request.Dataset, data);
            }
            Experiment experiment = Experiment(request, data);
            using ExperimentInputs inputs = ExperimentInputs.Of(experiment, request.Model, request.Dataset, request.Domains ?? []);
            using ExperimentRunner runner = ExperimentRunner.Over(inputs);
            return runner.Finder.Find(experiment, place, layers: null, restart, worker: 0, _ => { }, progress, cancellation);
        }
        finally
        {
            if (temporary is not null)
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }

    private static string Hash(TrainingRequest request)
    {
        StateFingerprint parts = StateFingerprint.Of("Layers", request.Model)
            .AddContent("Train", request.Dataset.Train).AddContent("Validation", request.Dataset.Val)
            .AddIf(request.Options.DrawAnew && request.Dataset.Pool is not null, f => f.AddPool(request.Dataset.Pool!));
        string text = string.Join('\n', parts.Parts.Select(part => $"{part.Key}={part.Value}"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
    }

    // The documents of the rounds describe it as if it had been read from files. Trainings use the dataset in memory, and the pool from
    // which its pairs are drawn.
    private static Experiment Experiment(TrainingRequest request, string data) => new()
    {
        Name = "training",
        Seed = request.Options.Seed,
        Target = new ExperimentTarget
        {
            Path = request.Model.Path, Adapter = request.Model.Adapter, ChatTemplate = request.Model.IsWrapping,
            Dtype = request.Model.Dtype, Device = request.Model.Device,
        },
        Data = new ExperimentData { Path = data, Pairs = new RavelBuildOptions() },
        Method = new ExperimentMethod
        {
            Name = request.Method.Method, Options = request.Method,
            AllEntities = request.Domains is not null && MethodCatalog.Of(request.Method).LearnsFromDomains,
        },
        Training = request.Options,
    };
}
