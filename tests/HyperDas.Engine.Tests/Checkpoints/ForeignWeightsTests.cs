using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Tests.LanguageModels;
using Xunit;

namespace HyperDas.Engine.Tests.Checkpoints;

public sealed class ForeignWeightsTests
{
    private const string Pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1234567\n";

    [Theory]
    [InlineData("GGUF", "llama-7b.Q4_0.gguf")]
    [InlineData("GGUF", "model.gguf", "config.json")]
    [InlineData(".pth", "consolidated.00.pth", "params.json")]
    [InlineData("import its base model with -Adapter and this folder", "adapter_config.json", "adapter_model.safetensors")]
    [InlineData("import its base model with -Adapter and this folder", "adapter_config.json", "adapter_model.bin", "config.json")]
    [InlineData("-Adapter with the same folder", "adapter_config.json", "model.safetensors", "config.json")]
    [InlineData("pytorch_model.bin.index.json", "pytorch_model-00001-of-00002.bin")]
    [InlineData("model.safetensors.index.json", "model-00001-of-00002.safetensors", "config.json")]
    [InlineData("Mistral's own format", "consolidated.safetensors", "config.json")]
    [InlineData("rename it", "model.fp16.safetensors", "config.json")]
    [InlineData("TensorFlow", "tf_model.h5", "config.json")]
    [InlineData("Flax", "flax_model.msgpack")]
    [InlineData("'model.pt'", "model.pt", "config.json")]
    [InlineData("'last.ckpt'", "last.ckpt")]
    [InlineData("-Interpreter", "hypernetwork.pt", "das.pt", "config.json")]
    public void Weights_of_another_kind_are_recognised_and_the_error_says_what_to_do(string word, params string[] names)
    {
        using TemporaryFolder folder = new();
        Array.ForEach(names, name => folder.Write(name, "{}"));

        HyperDasException error = Assert.Throws<HyperDasException>(() => LanguageModel.Load(folder.Path));

        Assert.Equal("ModelFormatUnsupported", error.ErrorId);
        Assert.Contains(word, error.Message);
        Assert.Contains(folder.Path, error.Message);
    }

    [Theory]
    [InlineData("model.safetensors", Pointer)]
    [InlineData("model.safetensors.index.json", Pointer)]
    [InlineData("pytorch_model.bin", Pointer)]
    [InlineData("pytorch_model.bin.index.json", Pointer)]
    [InlineData("model.safetensors", "version https://hawser.github.com/spec/v1\noid sha256:00\nsize 1234567\n")]
    [InlineData("model.safetensors", "/annex/objects/SHA256E-s1234567--00.safetensors\n")]
    public void A_pointer_in_place_of_weights_is_recognised(string name, string pointer)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write(name, pointer);

        HyperDasException error = Assert.Throws<HyperDasException>(() => ModelCheckpoint.Open(folder.Path));

        Assert.Equal("FileIsPointer", error.ErrorId);
        Assert.Contains(path, error.Message);
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("generation_config.json")]
    public void A_pointer_in_place_of_a_configuration_is_recognised(string name)
    {
        using TemporaryFolder folder = new();
        TinyLlama.Save(folder.Path);
        folder.Write(name, Pointer);

        HyperDasException error = Assert.Throws<HyperDasException>(() =>
        {
            using LanguageModel model = LanguageModel.Load(folder.Path);
            return model.EndTokenIds;
        });

        Assert.Equal("FileIsPointer", error.ErrorId);
    }
}
