using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Tests.Golden;
using HyperDas.Engine.Tests.LanguageModels;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Checkpoints;

public class ModelCheckpointTests
{
    [Fact]
    public void Shards_are_read_as_one_checkpoint()
    {
        using TemporaryFolder folder = new();
        using DisposeScope scope = NewDisposeScope();
        Shards.Save(folder.Path);

        using ModelCheckpoint checkpoint = ModelCheckpoint.Open(folder.Path);

        Dictionary<string, Tensor> weights = TinyLlama.Weights(TinyLlama.Config);
        Assert.Equal(weights.Keys.Order(), checkpoint.Names.Order());
        Assert.All(weights, w => GoldenCase.AssertClose(w.Value, checkpoint.Load(w.Key, w.Value.shape), 0, w.Key));
        Assert.False(checkpoint.Contains("model.layers.9.mlp.up_proj.weight"));
    }

    [Fact]
    public void An_unexpected_shape_is_named_with_the_expected_one()
    {
        using TemporaryFolder folder = new();
        TinyLlama.Save(folder.Path);
        using ModelCheckpoint checkpoint = ModelCheckpoint.Open(folder.Path);

        HyperDasException error = Assert.Throws<HyperDasException>(() => checkpoint.Load("model.norm.weight", [17]));

        Assert.Equal("TensorShapeMismatch", error.ErrorId);
        Assert.Contains("'model.norm.weight'", error.Message);
        Assert.Contains("[16]", error.Message);
        Assert.Contains("[17]", error.Message);
    }

    [Fact]
    public void A_missing_shard_is_named()
    {
        using TemporaryFolder folder = new();
        Shards.Save(folder.Path);
        File.Delete(Path.Combine(folder.Path, Shards.Names[1]));

        HyperDasException error = Assert.Throws<HyperDasException>(() => ModelCheckpoint.Open(folder.Path));

        Assert.Equal("PathNotFound", error.ErrorId);
        Assert.Contains(Shards.Names[1], error.Message);
    }

    [Theory]
    [InlineData("../outside.safetensors")]
    [InlineData("inside/../../outside.safetensors")]
    [InlineData("/etc/passwd")]
    [InlineData(".")]
    [InlineData("\0")]
    [InlineData("a\0/../../outside.safetensors")]
    public void An_index_that_leaves_the_folder_is_refused(string shard)
    {
        using TemporaryFolder folder = new();
        string model = Path.Combine(folder.Path, "model");
        Directory.CreateDirectory(model);
        folder.Write("outside.safetensors", "");
        Shards.WriteIndex(model, [("a", shard)]);

        Assert.Equal("CheckpointCorrupt", Assert.Throws<HyperDasException>(() => ModelCheckpoint.Open(model)).ErrorId);
    }

    [SkippableFact]
    public void A_shard_that_is_spelt_in_many_ways_is_opened_once()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "The list of open files is Linux's.");
        using TemporaryFolder folder = new();
        Shards.Save(folder.Path);
        Shards.WriteIndex(folder.Path, [("model.embed_tokens.weight", Shards.Names[0]), ("model.layers.0.input_layernorm.weight", "./" + Shards.Names[0]), ("model.layers.0.self_attn.q_proj.weight", "././" + Shards.Names[0])]);

        using ModelCheckpoint checkpoint = ModelCheckpoint.Open(folder.Path);

        Assert.Equal(3, checkpoint.Names.Count);
        Assert.Single(new DirectoryInfo("/proc/self/fd").GetFiles(), file => file.LinkTarget == Path.Combine(folder.Path, Shards.Names[0]));
    }

    [Fact]
    public void A_tensor_that_its_shard_does_not_hold_is_named()
    {
        using TemporaryFolder folder = new();
        Shards.Save(folder.Path);
        Shards.WriteIndex(folder.Path, [("ghost", Shards.Names[0])]);

        HyperDasException error = Assert.Throws<HyperDasException>(() => ModelCheckpoint.Open(folder.Path));

        Assert.Equal("CheckpointCorrupt", error.ErrorId);
        Assert.Contains("ghost", error.Message);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"weight_map\": {\"a\": 1}}")]
    [InlineData("{\"weight_map\": {\"a\": \"\"}}")]
    [InlineData("{\"weight_map\": {\"a\": \"x\", \"a\": \"y\"}}")]
    [InlineData("{\"weight_map\": {\"a\": \"\\ud800\"}}")]
    [InlineData("{\"weight_map\": {\"\\ud800\": \"x\"}}")]
    [InlineData("no json")]
    public void A_broken_index_is_refused(string json)
    {
        using TemporaryFolder folder = new();
        folder.Write(ModelCheckpoint.IndexFileName, json);

        Assert.Equal("CheckpointCorrupt", Assert.Throws<HyperDasException>(() => ModelCheckpoint.Open(folder.Path)).ErrorId);
    }

    [Fact]
    public void A_folder_without_weights_and_no_folder_at_all_are_not_found()
    {
        using TemporaryFolder folder = new();

        Assert.Equal("PathNotFound", Assert.Throws<HyperDasException>(() => ModelCheckpoint.Open(folder.Path)).ErrorId);
        Assert.Equal("PathNotFound", Assert.Throws<HyperDasException>(() => ModelCheckpoint.Open(Path.Combine(folder.Path, "none"))).ErrorId);
    }

    [Fact]
    public void Pickled_weights_are_refused_with_a_hint()
    {
        using TemporaryFolder folder = new();
        folder.Write("pytorch_model.bin", "");

        HyperDasException error = Assert.Throws<HyperDasException>(() => ModelCheckpoint.Open(folder.Path));

        Assert.Equal("ModelFormatUnsupported", error.ErrorId);
        Assert.Contains("safetensors", error.Message);
    }
}
