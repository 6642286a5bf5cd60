using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Tests.Checkpoints.Pickle;
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
        Assert.All(weights, w => GoldenCase.AssertClose(w.Value, checkpoint.Load(w.Key), 0, w.Key));
        Assert.False(checkpoint.Contains("model.layers.9.mlp.up_proj.weight"));
    }

    [Fact]
    public void An_unexpected_shape_is_named_with_the_expected_one()
    {
        using TemporaryFolder folder = new();
        TinyLlama.Save(folder.Path);
        using ModelCheckpoint checkpoint = ModelCheckpoint.Open(folder.Path);

        HyperDasException error = Assert.Throws<HyperDasException>(() => checkpoint.ThrowIfUnfit("model.norm.weight", [17]));

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
        Shards.WriteIndex(folder.Path, [("model.embed_tokens.weight", Shards.Names[0]), ("model.layers.0.input_layernorm.weight", "./"
            + Shards.Names[0]), ("model.layers.0.self_attn.q_proj.weight", "././" + Shards.Names[0])]);

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
        Assert.Equal(
            "PathNotFound", Assert.Throws<HyperDasException>(() => ModelCheckpoint.Open(Path.Combine(folder.Path, "none"))).ErrorId);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Files_of_torch_save_are_the_same_model(bool sharded)
    {
        using TemporaryFolder safe = new(), pickled = new();
        using DisposeScope scope = NewDisposeScope();
        TinyLlama.Save(safe.Path);
        TinyLlama.Config.Save(pickled.Path);
        KeyValuePair<string, Tensor>[] weights = [.. TinyLlama.Weights(TinyLlama.Config)];
        if (sharded)
        {
            string[] names = ["pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"];
            TorchWriter.Write(Path.Combine(pickled.Path, names[0]), weights[..9]);
            TorchWriter.Write(Path.Combine(pickled.Path, names[1]), weights[9..]);
            Shards.WriteIndex(pickled.Path, weights.Select((w, i) => (w.Key, names[i < 9 ? 0 : 1])), ModelCheckpoint.TorchIndexFileName);
        }
        else
        {
            TorchWriter.Write(Path.Combine(pickled.Path, ModelCheckpoint.TorchFileName), weights);
        }

        using LanguageModel expected = LanguageModel.Load(safe.Path), model = LanguageModel.Load(pickled.Path);

        Assert.Equal(expected.Fingerprint, model.Fingerprint);
        Assert.Empty(model.Unread);
        (Tensor ids, Tensor mask) = TinyLlama.Batch(left: true, [3, 1, 4], [1]);
        GoldenCase.AssertClose(TinyLlama.Run(expected, ids, mask), TinyLlama.Run(model, ids, mask), 0);
    }

    [Fact]
    public void Safetensors_come_first()
    {
        using TemporaryFolder folder = new();
        TinyLlama.Save(folder.Path);
        folder.Write(ModelCheckpoint.TorchFileName, "not even opened");

        using ModelCheckpoint checkpoint = ModelCheckpoint.Open(folder.Path);

        Assert.Contains("model.norm.weight", checkpoint.Names);
    }
}
