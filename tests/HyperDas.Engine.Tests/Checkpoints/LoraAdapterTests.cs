using System.Text.Json.Nodes;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Tests.Golden;
using HyperDas.Engine.Tests.LanguageModels;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Checkpoints;

/// <summary>Adapters with a few nonzero values, so the sum can be worked out manually.</summary>
public sealed class LoraAdapterTests : IDisposable
{
    private const string Query = "base_model.model.model.layers.1.self_attn.q_proj";

    private readonly TemporaryFolder _model = new(), _adapter = new();

    public LoraAdapterTests() => TinyLlama.Save(_model.Path);

    public void Dispose()
    {
        _model.Dispose();
        _adapter.Dispose();
    }

    [Theory]
    [InlineData(false, 1.5)]
    [InlineData(true, 2.1213203435596424)]
    public void Scale_times_B_A_is_added_to_the_weights(bool rslora, double scale)
    {
        // α = 3 and r = 2: 3 / 2, or 3 / √2. B A has two values: B[7, 0] A[0, 3] = 4 · 2 and B[2, 1] A[1, 5] = 0.5 · -1.
        Write(Query, 24, 16, ("A", 0, 3, 2f), ("A", 1, 5, -1f), ("B", 7, 0, 4f), ("B", 2, 1, 0.5f));
        WriteConfig(c => c["use_rslora"] = rslora);
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel plain = LanguageModel.Load(_model.Path);
        using LanguageModel changed = LanguageModel.Load(_model.Path, adapter: _adapter.Path);

        Tensor added = changed.Weight(WeightRole.Query, 1)! - plain.Weight(WeightRole.Query, 1)!;
        Tensor expected = zeros(24, 16);
        expected[7, 3] = (float)(8 * scale);
        expected[2, 5] = (float)(-0.5 * scale);
        GoldenCase.AssertWithin(expected, added, 1e-5, "added");
        foreach ((KeyValuePair<string, Tensor> was, KeyValuePair<string, Tensor> now) in plain.NamedWeights.Zip(changed.NamedWeights)
            .Where(w => w.First.Key != "model.layers.1.self_attn.q_proj.weight"))
        {
            GoldenCase.AssertClose(was.Value, now.Value, 0, was.Key);
        }
        Assert.Equal(($"{plain.Name}+{Path.GetFileName(_adapter.Path)}", _adapter.Path), (changed.Name, changed.Adapter));
    }

    [Fact]
    public void Weights_that_are_stored_transposed_and_joined_get_theirs()
    {
        ModelConfig config = Family("gpt2_hubnames");
        long d = config.HiddenSize;
        // c_attn is [inputs, queries + keys + values]. Output d + 4 is key 4.
        Write("base_model.model.transformer.h.0.attn.c_attn", 3 * d, d, ("A", 0, 3, 2f), ("B", d + 4, 0, 0.25f));
        WriteConfig(
            c => (c["target_modules"], c["fan_in_fan_out"], c["layers_to_transform"]) = (new JsonArray("c_attn"), true, new JsonArray(0)));

        AssertAdded(WeightRole.Key, 4, 3, 0.75f);
    }

    [Fact]
    public void Weights_that_are_stored_by_heads_get_theirs()
    {
        ModelConfig config = Family("gpt_neox");
        long d = config.HiddenSize, width = config.HeadWidth;
        // Each head has its queries, keys and values: value 1 of head 1 is output 3 · width + 2 · width + 1.
        Write("base_model.model.gpt_neox.layers.0.attention.query_key_value", 3 * d, d, ("A", 1, 2, -2f), ("B", (5 * width) + 1, 1, 1f));
        WriteConfig(c => (c["target_modules"], c["layers_to_transform"]) = ("query_key_value", new JsonArray(0)));

        AssertAdded(WeightRole.Value, (int)width + 1, 2, -3f);
    }

    [Theory]
    [InlineData(ModelDtype.BFloat16)]
    [InlineData(ModelDtype.Float16)]
    public void Narrow_weights_are_changed_too(ModelDtype dtype)
    {
        Write(Query, 24, 16, ("A", 0, 3, 2f), ("B", 7, 0, 64f));
        WriteConfig();
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel plain = LanguageModel.Load(_model.Path, dtype);
        using LanguageModel changed = LanguageModel.Load(_model.Path, dtype, adapter: _adapter.Path);

        Assert.Equal(dtype, changed.Dtype);
        float was = plain.Weight(WeightRole.Query, 1)![7, 3].to_type(ScalarType.Float32).item<float>(),
            now = changed.Weight(WeightRole.Query, 1)![7, 3].to_type(ScalarType.Float32).item<float>();
        Assert.Equal(was + 192, now, 1f);
    }

    [Fact]
    public void The_fingerprint_follows_and_a_model_that_is_loaded_again_has_the_adapter_again()
    {
        Write(Query, 24, 16, ("A", 0, 3, 2f), ("B", 7, 0, 4f));
        WriteConfig();
        using LanguageModel plain = LanguageModel.Load(_model.Path), changed = LanguageModel.Load(_model.Path, adapter: _adapter.Path);
        using LanguageModel narrow =
            LanguageModel.Load(_model.Path, ModelDtype.BFloat16, adapter: _adapter.Path), again = changed.Reload(changed.Format);

        Assert.NotEqual(plain.Fingerprint, changed.Fingerprint);
        Assert.Equal(changed.Fingerprint, narrow.Fingerprint);
        Assert.Equal((changed.Fingerprint, changed.Name), (again.Fingerprint, again.Name));
        WriteConfig(c => c["lora_alpha"] = 4);
        using LanguageModel stronger = LanguageModel.Load(_model.Path, adapter: _adapter.Path);
        Assert.NotEqual(changed.Fingerprint, stronger.Fingerprint);
    }

    [Fact]
    public void An_adapter_beside_a_model_is_applied_when_it_is_asked_for_and_only_then()
    {
        Write(Query, 24, 16, ("A", 0, 3, 2f), ("B", 7, 0, 4f));
        WriteConfig();
        foreach (string file in Directory.GetFiles(_adapter.Path))
        {
            File.Copy(file, Path.Combine(_model.Path, Path.GetFileName(file)));
        }

        Assert.Contains("-Adapter with the same folder", Assert.Throws<HyperDasException>(() => LanguageModel.Load(_model.Path)).Message);
        using LanguageModel changed = LanguageModel.Load(_model.Path + Path.DirectorySeparatorChar, adapter: _model.Path);
        Assert.EndsWith("+adapter", changed.Name);
        // Two of them: it isn't clear whether both are meant.
        Assert.Contains(
            "both a model and an adapter",
            Assert.Throws<HyperDasException>(() => LanguageModel.Load(_model.Path, adapter: _adapter.Path)).Message);
    }

    [Fact]
    public void An_adapter_alone_names_its_base_model()
    {
        WriteConfig();

        Assert.Contains("import its base model, 'maker/base', with -Adapter", Assert.Throws<HyperDasException>(() => LanguageModel.Load(
            _adapter.Path)).Message);
    }

    [Theory]
    [InlineData("AdapterUnsupported", "peft_type", "\"IA3\"", "\"IA3\"")]
    [InlineData("AdapterUnsupported", "use_dora", "true", "DoRA")]
    [InlineData("AdapterUnsupported", "bias", "\"all\"", "bias is")]
    [InlineData("AdapterUnsupported", "bias", "\"lora_only\"", "bias is")]
    [InlineData("AdapterMismatch", "modules_to_save", "[\"lm_head\"]", "no weights for 'lm_head', which modules_to_save")]
    [InlineData("AdapterMismatch", "modules_to_save", "[\"score\"]", "names 'score', which the model doesn't have")]
    [InlineData("AdapterInvalid", "modules_to_save", "\"lm_head\"", "modules_to_save is \"lm_head\"")]
    [InlineData("AdapterMismatch", "rank_pattern", "{\"q_proj\": 4}", "with r = 4")]
    [InlineData("AdapterInvalid", "rank_pattern", "{\"q_proj\": 1.5}", "rank_pattern has 1.5 for 'q_proj'")]
    [InlineData("AdapterInvalid", "alpha_pattern", "[4]", "alpha_pattern is [4]")]
    [InlineData("AdapterUnsupported", "alpha_pattern", "{\"(q_proj\": 4}", "an unsupported pattern, '(q_proj'")]
    [InlineData("AdapterUnsupported", "layer_replication", "[[0, 2]]", "layer_replication is")]
    [InlineData("AdapterUnsupported", "lora_bias", "true", "lora_bias is")]
    [InlineData("AdapterUnsupported", "init_lora_weights", "\"pissa\"", "also changes the base model")]
    [InlineData("AdapterInvalid", "peft_type", "null", "peft_type is missing")]
    [InlineData("AdapterInvalid", "r", "0", "r is 0")]
    [InlineData("AdapterInvalid", "r", "1.5", "r is 1.5")]
    [InlineData("AdapterInvalid", "lora_alpha", "\"8\"", "lora_alpha is")]
    [InlineData("AdapterInvalid", "use_rslora", "1", "use_rslora is 1")]
    [InlineData("AdapterInvalid", "target_modules", "[]", "target_modules is []")]
    [InlineData("AdapterInvalid", "target_modules", "[\"v_proj\"]", "doesn't name")]
    [InlineData("AdapterMismatch", "r", "3", "with r = 3")]
    [InlineData("AdapterMismatch", "layers_to_transform", "null", "It has no factors for 'model.layers.0.self_attn.q_proj'")]
    public void What_cannot_be_applied_is_refused_by_its_key(string errorId, string key, string value, string word)
    {
        Write(Query, 24, 16, ("A", 0, 3, 2f), ("B", 7, 0, 4f));
        WriteConfig(c => c[key] = JsonNode.Parse(value));

        Refused(errorId, word);
    }

    [Theory]
    [InlineData("AdapterMismatch", "base_model.model.model.layers.9.self_attn.q_proj.lora_A.weight",
        "'model.layers.9.self_attn.q_proj', which the model")]
    [InlineData("AdapterInvalid", "base_model.model.model.layers.1.self_attn.q_proj.lora_A.default.weight", "are the same factor")]
    [InlineData("AdapterInvalid", "base_model.model.model.layers.2.self_attn.q_proj.lora_A.weight",
        "lacks the factor B of 'model.layers.2.self_attn.q_proj'")]
    [InlineData("AdapterInvalid", "base_model.model.model.embed_tokens.lora_embedding_A", "target_modules of adapter_config")]
    [InlineData("AdapterInvalid", "base_model.model.model.layers.2.self_attn.q_proj.lora_embedding_A", "lacks the factor B")]
    [InlineData("AdapterUnsupported", "base_model.model.model.layers.1.self_attn.q_proj.lora_magnitude_vector.weight", "DoRA")]
    [InlineData("AdapterUnsupported", "base_model.model.model.norm.weight", "isn't a LoRA factor")]
    [InlineData("AdapterUnsupported", "base_model.model.model.layers.1.self_attn.q_proj.lora_B.bias", "isn't a LoRA factor")]
    // Embeddings of a vocabulary that the adapter's training made larger.
    [InlineData("AdapterMismatch", "base_model.model.lm_head.weight", "has shape [2, 16]; the model requires [50, 16]")]
    [InlineData("AdapterMismatch", "base_model.model.model.embed_tokens.base_layer.weight", "has shape [2, 16]")]
    public void A_tensor_that_cannot_be_applied_is_refused_by_its_name(string errorId, string name, string word)
    {
        Write(Query, 24, 16, more: [new(name, zeros(2, 16))]);
        WriteConfig();

        Refused(errorId, word);
    }

    [Fact]
    public void Files_that_are_missing_or_damaged_are_one_error()
    {
        Refused("PathNotFound", "has no adapter_config.json");
        WriteConfig();
        Refused("PathNotFound", "has neither adapter_model.safetensors nor adapter_model.bin");
        _adapter.Write("adapter_model.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1234567\n");
        Refused("FileIsPointer", "git lfs pull");
        _adapter.Write("adapter_model.safetensors", "x");
        Refused("CheckpointCorrupt", "adapter_model.safetensors");
        Write(Query, 20, 16);
        Refused("AdapterMismatch", "has shape [20, 2]");
        _adapter.Write("adapter_config.json", "[]");
        Refused("AdapterInvalid", "isn't a JSON object");
    }

    [Fact]
    public void A_key_that_nothing_understands_is_told()
    {
        Write(Query, 24, 16, ("A", 0, 3, 2f), ("B", 7, 0, 4f));
        WriteConfig(c => (c["flux_capacitor"], c["peft_version"], c["new_and_off"]) = (88, "0.17", false));

        using LanguageModel model = LanguageModel.Load(_model.Path, adapter: _adapter.Path);

        Assert.Contains("'flux_capacitor'", Assert.Single(model.Remarks));
    }

    private void Refused(string errorId, string word)
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => LanguageModel.Load(_model.Path, adapter: _adapter.Path));

        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(word, error.Message);
    }

    private ModelConfig Family(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        ModelConfig config = FamilyModels.Config(name);
        config.Save(_model.Path);
        SafetensorsWriter.Write(Path.Combine(_model.Path, ModelCheckpoint.SingleFileName), [.. FamilyModels.Weights(config)]);
        return config;
    }

    private void AssertAdded(WeightRole role, int row, int column, float value)
    {
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel plain = LanguageModel.Load(_model.Path), changed = LanguageModel.Load(_model.Path, adapter: _adapter.Path);
        Tensor expected = zeros_like(plain.Weight(role, 0)!);
        expected[row, column] = value;
        foreach (WeightRole each in (WeightRole[])[WeightRole.Query, WeightRole.Key, WeightRole.Value])
        {
            Tensor added = changed.Weight(each, 0)! - plain.Weight(each, 0)!;
            GoldenCase.AssertWithin(each == role ? expected : zeros_like(added), added, 1e-5, each.ToString());
        }
    }

    // Factors of rank 2 that are zero but for a few values.
    private void Write(string module, long outputs, long inputs, params (string Factor, long Row, long Column, float Value)[] values) =>
        Write(module, outputs, inputs, [], values);

    private void Write(string module, long outputs, long inputs, KeyValuePair<string, Tensor>[] more,
        params (string Factor, long Row, long Column, float Value)[] values)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = zeros(2, inputs), b = zeros(outputs, 2);
        foreach ((string factor, long row, long column, float value) in values)
        {
            (factor == "A" ? a : b)[row, column] = value;
        }
        SafetensorsWriter.Write(Path.Combine(_adapter.Path, "adapter_model.safetensors"),
            [new(module + ".lora_A.weight", a), new(module + ".lora_B.weight", b), .. more]);
    }

    private void WriteConfig(Action<JsonObject>? change = null)
    {
        JsonObject config = new()
        {
            ["peft_type"] = "LORA", ["r"] = 2, ["lora_alpha"] = 3, ["target_modules"] = new JsonArray("q_proj"), ["bias"] = "none",
                ["fan_in_fan_out"] = false,
            ["base_model_name_or_path"] = "maker/base", ["init_lora_weights"] = true, ["layers_to_transform"] = new JsonArray(1),
            ["use_dora"] = false, ["modules_to_save"] = null,
            ["rank_pattern"] = new JsonObject(), ["alpha_pattern"] = new JsonObject(), ["task_type"] = "CAUSAL_LM", ["lora_dropout"] = 0.05,
        };
        change?.Invoke(config);
        _adapter.Write("adapter_config.json", config.ToJsonString());
    }
}
