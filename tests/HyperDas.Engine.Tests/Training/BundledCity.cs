using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Tests.Training;

/// <summary>The bundled target model and a small dataset of the bundled city domain, shared by the tests of a class.</summary>
public sealed class BundledCity : IDisposable
{
    private static readonly string s_examples = Path.Combine(SharedData.RepositoryRoot(), "examples");

    public LanguageModel Model { get; } = LanguageModel.Load(Path.Combine(s_examples, "models", "mini-llama"));

    public RavelDomain Domain { get; } = RavelReader.Read(Path.Combine(s_examples, "data", "ravel-mini"), "city");

    public RavelDataset Dataset { get; }

    public BundledCity()
    {
        RavelBuildOptions options = new() { Attributes = ["Continent", "Country"], TrainPerAttribute = 160, ValPerAttribute = 60, TestPerAttribute = 0, Seed = 3 };
        Dataset = RavelDatasetBuilder.Build([Domain], Model.Tokenizer, new FactFilter(new ModelFactOracle(Model)), options);
    }

    public void Dispose() => Model.Dispose();
}
