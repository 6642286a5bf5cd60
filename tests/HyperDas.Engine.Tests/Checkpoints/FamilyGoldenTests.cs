using System.Text.Json;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Checkpoints.Families;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Tests.Golden;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Checkpoints;

/// <summary>What the files of every golden model mean.</summary>
public class FamilyGoldenTests
{
    public static TheoryData<string> Cases() => GoldenModels.With();

    public static TheoryData<string, string> Spellings() => GoldenModels.Spellings();

    [Theory]
    [MemberData(nameof(Spellings))]
    public void Another_spelling_of_a_configuration_means_the_same(string name, string file)
    {
        string folder = GoldenCase.FolderOf(name);

        ModelConfig usual = ModelConfigFile.Load(folder), other = Read(Path.Combine(folder, file));

        Assert.Equal(ModelConfig.FunctionOf(usual), ModelConfig.FunctionOf(other));
        Assert.Equal((usual.MaxPositions, usual.BosTokenId), (other.MaxPositions, other.BosTokenId));
        Assert.Equal(usual.EosTokenIds, other.EosTokenIds);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_configuration_is_understood_without_a_remark(string name) =>
        Assert.Empty(ModelConfigFile.Load(GoldenCase.FolderOf(name)).Remarks);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_weight_of_the_blocks_is_in_exactly_one_stored_tensor(string name)
    {
        ModelConfig config = ModelConfigFile.Load(GoldenCase.FolderOf(name));
        StoredWeight[] stored = [.. ModelFamily.Of(config).Weights(config)];

        for (int i = 0; i < config.BlockCount; i++)
        {
            IEnumerable<WeightRole> found = stored.Where(w => w.Block == i).SelectMany(w => w.Roles);
            Assert.Equal(WeightShapes.OfBlock(config.BlockAt(i)).Order(), found.Order());
        }
        Assert.Equal(stored.Sum(w => w.Shape(config).Aggregate(1L, (product, size) => product * size)), WeightShapes.Count(config));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void All_tensors_of_a_model_are_read_or_known_buffers(string name)
    {
        using LanguageModel model = LanguageModel.Load(GoldenCase.FolderOf(name));

        Assert.Empty(model.Unread);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Weights_that_are_put_together_again_are_the_stored_ones(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        string folder = GoldenCase.FolderOf(name);
        using LanguageModel model = LanguageModel.Load(folder);
        using ModelCheckpoint checkpoint = ModelCheckpoint.Open(folder);
        StoredNames names = StoredNames.Of(model.Config, checkpoint);

        foreach (StoredWeight stored in names.Weights)
        {
            Tensor joined = StoredLayout.Join(stored, model.Config, [.. stored.Roles.Select(role => model.Weight(role, stored.Block)!)]);
            GoldenCase.AssertClose(checkpoint.Load(names[stored.Name]), joined, 0, stored.Name);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_saved_configuration_is_the_one_that_was_read(string name)
    {
        using TemporaryFolder folder = new();
        ModelConfig config = ModelConfigFile.Load(GoldenCase.FolderOf(name));

        config.Save(folder.Path);

        Assert.Equal(config, ModelConfigFile.Load(folder.Path));
    }

    [SkippableFact]
    public void Every_family_has_a_golden_case()
    {
        Skip.If(Environment.GetEnvironmentVariable(GoldenCase.FolderVariable) is { Length: > 0 }, "Another root of cases is being tested.");

        Assert.Equal(ModelFamily.All.Select(f => f.Type),
            GoldenModels.Names().Select(GoldenModels.FamilyOf).Distinct().Order(StringComparer.Ordinal));
    }

    private static ModelConfig Read(string path)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
        return ModelFamily.Read(document.RootElement, path);
    }
}
