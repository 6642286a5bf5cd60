using System.Text.Json.Nodes;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Tests.Golden;
using HyperDas.Engine.Tests.LanguageModels;
using Xunit;

namespace HyperDas.Engine.Tests.Checkpoints;

public class ModelConfigTests
{
    private const string Smallest = """
        {"model_type": "llama", "vocab_size": 9, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 4}
        """;

    [Fact]
    public void The_reference_configuration_is_read()
    {
        ModelConfig config = ModelConfigFile.Load(GoldenCase.FolderOf("llama_tiny_rope3"));

        Assert.Equal((97, 32, 4, 4, 2, 8, 64), (config.VocabularySize, config.HiddenSize, config.BlockCount, config.HeadCount,
            config.KeyValueHeadCount, config.HeadWidth, config.InnerWidth));
        Assert.Equal((1e-5, 500000.0, 512, false), (config.NormEpsilon, config.RopeTheta, config.MaxPositions, config.TiedHead));
        Assert.Equal(new Llama3RopeScaling(8, 1, 4, 8192), config.RopeScaling);
        Assert.Equal(95, config.BosTokenId);
        Assert.Equal([96], config.EosTokenIds);
        Assert.Equal("float32", config.TorchDtype);
    }

    [Fact]
    public void What_is_left_out_has_hugging_faces_defaults()
    {
        ModelConfig config = Load(Smallest);

        Assert.Equal((2, 4, 1e-6, 10000.0), (config.KeyValueHeadCount, config.HeadWidth, config.NormEpsilon, config.RopeTheta));
        Assert.Null(config.RopeScaling);
        Assert.Null(config.BosTokenId);
        Assert.Empty(config.EosTokenIds);
        Assert.False(config.TiedHead);
    }

    [Fact]
    public void A_saved_configuration_reads_back()
    {
        using TemporaryFolder folder = new();
        ModelConfig config = TinyLlama.Config with
        {
            RopeScaling = new Llama3RopeScaling(32, 1.5, 4, 8192), EosTokenIds = [3, 4], TiedHead = true, TorchDtype = "bfloat16",
                NormEpsilon = 1e-5, MaxPositions = 77,
        };

        config.Save(folder.Path);

        ModelConfig read = ModelConfigFile.Load(folder.Path);
        Assert.Equal(config.EosTokenIds, read.EosTokenIds);
        Assert.Equal(config with { EosTokenIds = read.EosTokenIds }, read);
    }

    [Fact]
    public void The_newer_spelling_of_the_rotary_parameters_is_understood()
    {
        ModelConfig config = Load(Smallest, c => c["rope_parameters"] = JsonNode.Parse(
            """{"rope_type": "llama3", "rope_theta": 500000, "factor": 32, "low_freq_factor": 1, "high_freq_factor": 4, "original_max_position_embeddings": 8192}"""));

        Assert.Equal(500000, config.RopeTheta);
        Assert.Equal(new Llama3RopeScaling(32, 1, 4, 8192), config.RopeScaling);
    }

    [Theory]
    [InlineData("vocab_size", "0")]
    [InlineData("vocab_size", "null")]
    [InlineData("hidden_size", "-8")]
    [InlineData("hidden_size", "8.5")]
    [InlineData("hidden_size", "\"8\"")]
    [InlineData("hidden_size", "99999999999")]
    [InlineData("hidden_size", "9")]
    [InlineData("num_hidden_layers", "1000000")]
    [InlineData("num_key_value_heads", "3")]
    [InlineData("head_dim", "3")]
    [InlineData("head_dim", "16777216")]
    [InlineData("rms_norm_eps", "-1")]
    [InlineData("rms_norm_eps", "1")]
    [InlineData("rope_theta", "0")]
    [InlineData("rope_theta", "1e300")]
    [InlineData("rope_scaling", "8")]
    [InlineData("rope_scaling", """{"rope_type": "llama3", "factor": 8}""")]
    [InlineData("rope_scaling",
        """{"rope_type": "llama3", "factor": 8, "low_freq_factor": 4, "high_freq_factor": 4, "original_max_position_embeddings": 8192}""")]
    [InlineData("tie_word_embeddings", "\"yes\"")]
    [InlineData("eos_token_id", "9")]
    [InlineData("eos_token_id", "[1, -1]")]
    [InlineData("bos_token_id", "true")]
    [InlineData("model_type", "7")]
    [InlineData("vocab_size", "1e400")]
    [InlineData("max_position_embeddings", "9223372036854775807")]
    public void An_impossible_value_is_named_with_its_file_and_key(string key, string value)
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => Load(Smallest, c => c[key] = JsonNode.Parse(value)));

        Assert.Equal(("ModelConfigInvalid", HyperDasErrorKind.InvalidData), (error.ErrorId, error.Kind));
        Assert.Contains("config.json", error.Message);
        Assert.Contains($"'{key}", error.Message);
    }

    [Theory]
    [InlineData("model_type", "\"bloom\"")]
    [InlineData("hidden_act", "\"quick_gelu\"")]
    [InlineData("rope_scaling", """{"type": "ntk", "factor": 2}""")]
    [InlineData("rope_scaling", """{"factor": 2}""")]
    [InlineData("architectures", """["MistralForCausalLM"]""")]
    [InlineData("sliding_window", "4")]
    [InlineData("residual_multiplier", "0.5")]
    [InlineData("use_qk_norm", "true")]
    [InlineData("num_local_experts", "8")]
    [InlineData("layer_types", """["sliding_attention"]""")]
    [InlineData("rope_scaling", "{}")]
    [InlineData("quantization_config", "{}")]
    public void A_model_that_is_computed_differently_is_refused(string key, string value)
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => Load(Smallest, c => c[key] = JsonNode.Parse(value)));

        Assert.Equal("ModelFormatUnsupported", error.ErrorId);
        Assert.Contains(key, error.Message);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("""{"model_type": "llama", "model_type": "llama"}""")]
    [InlineData("""{"model_type": "\ud800"}""")]
    [InlineData("""{"vocab_size": NaN}""")]
    public void A_file_that_is_no_json_object_is_refused(string text)
    {
        using TemporaryFolder folder = new();
        folder.Write("config.json", text);

        Assert.Equal("ModelConfigInvalid", Assert.Throws<HyperDasException>(() => ModelConfigFile.Load(folder.Path)).ErrorId);
    }

    [Fact]
    public void A_folder_without_configuration_is_not_found()
    {
        using TemporaryFolder folder = new();

        Assert.Equal("PathNotFound", Assert.Throws<HyperDasException>(() => ModelConfigFile.Load(folder.Path)).ErrorId);
    }

    private static ModelConfig Load(string json, Action<JsonObject>? change = null)
    {
        using TemporaryFolder folder = new();
        JsonObject config = JsonNode.Parse(json)!.AsObject();
        change?.Invoke(config);
        folder.Write("config.json", config.ToJsonString());
        return ModelConfigFile.Load(folder.Path);
    }
}
