using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Tests.Training;

/// <summary>
/// A small dataset of the bundled city domain and the target model that was bundled until November 2026, shared by the tests of a class:
/// what they expect of a training doesn't change with the target that is bundled.
/// </summary>
public sealed class BundledCity : IDisposable
{
    private static readonly string s_root = SharedData.RepositoryRoot();

    public LanguageModel Model { get; } = LanguageModel.Load(Path.Combine(s_root, "tests", "Fixtures", "mini-llama-2026-11"));

    public RavelDomain Domain { get; } = RavelReader.Read(Path.Combine(s_root, "examples", "data", "ravel-mini"), "city");

    public RavelDataset Dataset { get; }

    public BundledCity()
    {
        RavelBuildOptions options = new()
        {
            Attributes = ["Continent", "Country"], TrainPerAttribute = 160, ValPerAttribute = 60, TestPerAttribute = 0, Seed = 3,
            InstructionStyle = InstructionStyle.Concept,
        };
        Dataset = RavelDatasetBuilder.Build([Domain], Model.Tokenizer, new FactFilter(new ModelFactOracle(Model)), options);
    }

    public void Dispose() => Model.Dispose();
}
