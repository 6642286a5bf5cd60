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
    [InlineData("eos_token_id", "-1")]
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

    [Fact]
    public void Quantised_weights_are_refused_by_what_they_are()
    {
        HyperDasException error = Assert.Throws<HyperDasException>(
            () => Load(Smallest, c => c["quantization_config"] = JsonNode.Parse("""{"quant_method": "gptq", "bits": 4}""")));

        Assert.Contains("quantised weights aren't supported", error.Message);
    }

    [Fact]
    public void Qwen_without_a_window_has_none_even_where_windows_are_asked_for()
    {
        ModelConfig config = Load(Smallest, c =>
        {
            (c["model_type"], c["use_sliding_window"], c["max_window_layers"]) = ("qwen2", true, 0);
            c["sliding_window"] = null;
        });

        Assert.False(config.AnyBlock(spec => spec.Window is not null));
    }

    [Fact]
    public void A_cap_on_scores_is_not_applied_in_gemma_3_and_that_is_told()
    {
        ModelConfig config = Load(Smallest, c => (c["model_type"], c["head_dim"], c["attn_logit_softcapping"]) = ("gemma3_text", 4, 30.0));

        Assert.False(config.AnyBlock(spec => spec.ScoreCap is not null));
        Assert.Contains("attn_logit_softcapping 30", Assert.Single(config.Remarks));
    }

    [Fact]
    public void The_first_files_of_phi_3_call_longrope_yarn()
    {
        ModelConfig config = Load(Smallest, c =>
        {
            (c["model_type"], c["max_position_embeddings"], c["original_max_position_embeddings"]) = ("phi3", 64, 16);
            c["rope_scaling"] = JsonNode.Parse("""{"type": "yarn", "short_factor": [1, 2], "long_factor": [3, 4]}""");
        });

        LongRopeScaling scaling = Assert.IsType<LongRopeScaling>(config.RopeScaling);
        Assert.Equal((16, 4.0), (scaling.OriginalLength, scaling.LongFactors[1]));
    }

    [Theory]
    [InlineData("""{"rope_type": "yarn", "factor": 4, "original_max_position_embeddings": 512}""", false)]
    [InlineData("""{"rope_type": "yarn", "factor": 4}""", false)]
    [InlineData("""{"rope_type": "yarn", "factor": 2, "original_max_position_embeddings": 512}""", true)]
    [InlineData("""{"rope_type": "dynamic", "factor": 2}""", false)]
    [InlineData("""{"rope_type": "dynamic", "factor": 2, "original_max_position_embeddings": 512}""", true)]
    public void Lengths_and_factors_that_contradict_each_other_are_told(string scaling, bool told)
    {
        ModelConfig config = Load(
            Smallest, c => (c["max_position_embeddings"], c["rope_scaling"]) = (2048, JsonNode.Parse(scaling)));

        Assert.Equal(told ? 1 : 0, config.Remarks.Count);
        Assert.All(config.Remarks, remark => Assert.Contains("original_max_position_embeddings", remark));
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
    public void An_unknown_key_of_a_rope_is_told()
    {
        ModelConfig config = Load(Smallest, c => c["rope_parameters"] = JsonNode.Parse("""{"rope_type": "default", "turns": 2}"""));

        Assert.Contains(config.Remarks, remark => remark.Contains("rope_parameters.turns"));
    }

    [Theory]
    [InlineData("rope_parameters")]
    [InlineData("rope_scaling")]
    public void A_base_that_contradicts_the_one_beside_it_is_refused(string key)
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => Load(Smallest, c =>
            (c["rope_theta"], c[key]) = (10000, JsonNode.Parse("""{"rope_type": "default", "rope_theta": 500000}"""))));

        Assert.Equal("ModelConfigInvalid", error.ErrorId);
        Assert.Contains($"'{key}.rope_theta' is 500000; it contradicts 'rope_theta', 10000", error.Message);
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
