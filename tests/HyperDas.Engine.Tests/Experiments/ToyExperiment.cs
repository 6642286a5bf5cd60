using HyperDas.Engine.Experiments;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.Ravel;

namespace HyperDas.Engine.Tests.Experiments;

/// <summary>An experiment on the toy model that takes a second, in a separate folder.</summary>
internal sealed class ToyExperiment : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    internal ToyExperiment(string method = "{ layer: 2, featureDimension: 8, reflections: 2, blocks: 1 }", string more = "")
    {
        RavelDatasetFile.Write(TinyDataset.Create(), System.IO.Path.Combine(_folder.Path, "toy.jsonl"));
        Document = _folder.Write(
            "toy.yaml",
            $$"""
            target: { path: '{{System.IO.Path.Combine(SharedData.RepositoryRoot(), "tests", "Fixtures", "toy")}}' }
            data: { path: toy.jsonl }
            method: {{method}}
            training: { epochs: 1, batchSize: 4 }
            evaluation: { modes: [soft, oneToOne], references: [fullSwap], bootstrapSamples: 20 }
            outputs: { path: runs }
            {{more}}
            """);
    }

    internal string Document { get; }

    internal string Runs => System.IO.Path.Combine(_folder.Path, "runs");

    internal ExperimentRun Read(params string[] set) => ReadAll(set).Single();

    internal IReadOnlyList<ExperimentRun> ReadAll(params string[] set) =>
        ExperimentReader.Read(Document, new ExperimentReadOptions { Set = set });

    public void Dispose() => _folder.Dispose();
}
