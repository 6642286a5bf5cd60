using System.Text.Json.Nodes;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Evaluation.Checks;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Tests.Checkpoints.Pickle;
using HyperDas.Engine.Tests.LanguageModels;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Checkpoints;

/// <summary>
/// Adapters of random factors, compared with the formula worked out number by number in float64: patterns of ranks and factors,
/// embeddings, heads, and layers that were trained as a whole.
/// </summary>
public sealed class LoraVariantTests : IDisposable
{
    private const string Prefix = "base_model.model.", Embedding = "model.embed_tokens", Head = "lm_head";
    private const int Vocabulary = 50, Hidden = 16;

    private readonly TemporaryFolder _model = new(), _adapter = new();
    private readonly Random _random = new(5);
    private readonly Dictionary<string, double[,]> _tensors = [];

    private readonly JsonObject _config = new()
    {
        ["peft_type"] = "LORA", ["r"] = 2, ["lora_alpha"] = 3, ["target_modules"] = new JsonArray("none"),
    };

    public void Dispose()
    {
        _model.Dispose();
        _adapter.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Patterns_give_modules_their_own_rank_and_factor(bool rankStabilised)
    {
        TinyLlama.Save(_model.Path);
        // The first pattern that matches counts, from a dot or the name's beginning on.
        _config["target_modules"] = new JsonArray("q_proj", "down_proj");
        _config["use_rslora"] = rankStabilised;
        _config["rank_pattern"] = JsonNode.Parse(
            """{"^model.layers.0.self_attn.q_proj": 5, "layers\\.[12]\\.mlp\\.down_proj": 1, "_proj": 9, "own_proj": 9}""");
        _config["alpha_pattern"] = JsonNode.Parse("""{"layers.1.mlp.down_proj": 7, "q_proj": 0.5}""");
        for (int i = 0; i < 3; i++)
        {
            Factors($"model.layers.{i}.self_attn.q_proj", i == 0 ? 5 : 2, 24, 16);
            Factors($"model.layers.{i}.mlp.down_proj", i == 0 ? 2 : 1, 16, 24);
        }
        Write();
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel plain = LanguageModel.Load(_model.Path), changed = LanguageModel.Load(_model.Path, adapter: _adapter.Path);

        for (int i = 0; i < 3; i++)
        {
            AssertAdded(WeightRole.Query, i, $"model.layers.{i}.self_attn.q_proj", Scale(0.5, i == 0 ? 5 : 2));
            AssertAdded(WeightRole.Down, i, $"model.layers.{i}.mlp.down_proj", Scale(i == 1 ? 7 : 3, i == 0 ? 2 : 1));
        }
        string before = changed.Fingerprint;
        _config["alpha_pattern"] = JsonNode.Parse("""{"layers.1.mlp.down_proj": 8, "q_proj": 0.5}""");
        Write();
        using LanguageModel other = LanguageModel.Load(_model.Path, adapter: _adapter.Path);
        Assert.NotEqual(before, other.Fingerprint);

        double Scale(double alpha, int rank) => rankStabilised ? alpha / Math.Sqrt(rank) : alpha / rank;

        void AssertAdded(WeightRole role, int block, string module, double scale) => AssertSame(
            Sum(Values(plain.Weight(role, block)!), Product(module, scale, transposed: false)), changed.Weight(role, block)!);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Embeddings_and_head_are_changed_each_by_its_own_factors_tied_or_not(bool tied)
    {
        TinyLlama.Save(_model.Path, TinyLlama.Config with { TiedHead = tied });
        _config["target_modules"] = new JsonArray("embed_tokens", "lm_head");
        TableFactors(Embedding, 2);
        Factors(Head, 2, Vocabulary, Hidden);
        Write();
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel plain = LanguageModel.Load(_model.Path), changed = LanguageModel.Load(_model.Path, adapter: _adapter.Path);

        AssertSame(Sum(Values(plain.Weight(WeightRole.Embedding)!), Product(Embedding, 1.5, transposed: true)),
            changed.Weight(WeightRole.Embedding)!);
        AssertSame(Sum(Values(plain.Weight(tied ? WeightRole.Embedding : WeightRole.Head)!), Product(Head, 1.5, transposed: false)),
            changed.Weight(WeightRole.Head)!);
        Assert.False(changed.Config.TiedHead);
        AssertWhole(changed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_tied_head_stays_as_it_was_when_only_the_embeddings_are_changed_unless_the_tie_is_kept(bool keeps)
    {
        TinyLlama.Save(_model.Path, TinyLlama.Config with { TiedHead = true });
        _config["target_modules"] = new JsonArray("embed_tokens");
        _config["ensure_weight_tying"] = keeps;
        TableFactors(Embedding, 2);
        Write();
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel plain = LanguageModel.Load(_model.Path), changed = LanguageModel.Load(_model.Path, adapter: _adapter.Path);

        double[,] was = Values(plain.Weight(WeightRole.Embedding)!), now = Sum(was, Product(Embedding, 1.5, transposed: true));
        AssertSame(now, changed.Weight(WeightRole.Embedding)!);
        Assert.Equal(keeps, changed.Config.TiedHead);
        if (!keeps)
        {
            AssertSame(was, changed.Weight(WeightRole.Head)!);
        }
        AssertWhole(changed);
        using LanguageModel again = changed.Reload(changed.Format);
        Assert.Equal(changed.Fingerprint, again.Fingerprint);
    }

    [Theory]
    [InlineData(true, "lm_head.weight")]
    [InlineData(true, "lm_head.modules_to_save.weight")]
    [InlineData(false, "lm_head.modules_to_save.default.weight")]
    public void Layers_that_were_trained_as_a_whole_take_the_place_of_the_models(bool tied, string name)
    {
        TinyLlama.Save(_model.Path, TinyLlama.Config with { TiedHead = tied });
        _config["target_modules"] = new JsonArray("v_proj");
        _config["layers_to_transform"] = new JsonArray(0);
        _config["modules_to_save"] = new JsonArray("lm_head", "norm");
        Factors("model.layers.0.self_attn.v_proj", 2, 12, 16);
        double[,] head = _tensors[Prefix + name] = Numbers(Vocabulary, Hidden);
        double[,] norm = _tensors[Prefix + "model.norm.weight"] = Numbers(1, Hidden);
        Write();
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel plain = LanguageModel.Load(_model.Path), changed = LanguageModel.Load(_model.Path, adapter: _adapter.Path);

        AssertSame(head, changed.Weight(WeightRole.Head)!);
        AssertSame(norm, changed.Weight(WeightRole.FinalNorm)!);
        AssertSame(Values(plain.Weight(WeightRole.Embedding)!), changed.Weight(WeightRole.Embedding)!);
        AssertSame(
            Sum(Values(plain.Weight(WeightRole.Value, 0)!), Product("model.layers.0.self_attn.v_proj", 1.5, transposed: false)),
            changed.Weight(WeightRole.Value, 0)!);
        string before = changed.Fingerprint;
        head[3, 4] += 1;
        Write();
        using LanguageModel other = LanguageModel.Load(_model.Path, adapter: _adapter.Path);
        Assert.NotEqual(before, other.Fingerprint);
    }

    [Fact]
    public void Embeddings_that_come_along_are_the_ones_that_the_factors_belong_to()
    {
        TinyLlama.Save(_model.Path, TinyLlama.Config with { TiedHead = true });
        _config["target_modules"] = new JsonArray("embed_tokens");
        TableFactors(Embedding, 2);
        double[,] own = _tensors[Prefix + Embedding + ".base_layer.weight"] = Numbers(Vocabulary, Hidden);
        Write();
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel changed = LanguageModel.Load(_model.Path, adapter: _adapter.Path);

        AssertSame(Sum(own, Product(Embedding, 1.5, transposed: true)), changed.Weight(WeightRole.Embedding)!);
        AssertSame(own, changed.Weight(WeightRole.Head)!);
    }

    [Fact]
    public void Factors_that_torch_save_wrote_give_the_same_model()
    {
        TinyLlama.Save(_model.Path);
        _config["target_modules"] = new JsonArray("q_proj");
        _config["layers_to_transform"] = new JsonArray(2);
        Factors("model.layers.2.self_attn.q_proj", 2, 24, 16);
        Write();
        using LanguageModel first = LanguageModel.Load(_model.Path, adapter: _adapter.Path);
        using DisposeScope scope = NewDisposeScope();
        File.Delete(Path.Combine(_adapter.Path, "adapter_model.safetensors"));
        TorchWriter.Write(Path.Combine(_adapter.Path, "adapter_model.bin"), [.. Tensors()]);

        using LanguageModel second = LanguageModel.Load(_model.Path, adapter: _adapter.Path);

        Assert.Equal(first.Fingerprint, second.Fingerprint);
        byte[] call = new PickleText().Global("os", "system").Text("true").Do(0x85, (byte)'R').Stop();
        TorchWriter.Write(Path.Combine(_adapter.Path, "adapter_model.bin"), call);
        HyperDasException error = Assert.Throws<HyperDasException>(() => LanguageModel.Load(_model.Path, adapter: _adapter.Path));
        Assert.Equal("CheckpointUnsafe", error.ErrorId);
        Assert.Contains("os.system", error.Message);
    }

    [Fact]
    public void An_adapter_of_the_head_with_a_kept_tie_is_refused()
    {
        TinyLlama.Save(_model.Path, TinyLlama.Config with { TiedHead = true });
        _config["target_modules"] = new JsonArray("lm_head");
        _config["ensure_weight_tying"] = true;
        Factors(Head, 2, Vocabulary, Hidden);
        Write();

        HyperDasException error = Assert.Throws<HyperDasException>(() => LanguageModel.Load(_model.Path, adapter: _adapter.Path));

        Assert.Equal("AdapterUnsupported", error.ErrorId);
        Assert.Contains("ensure_weight_tying", error.Message);
    }

    private static void AssertWhole(LanguageModel model)
    {
        ModelCheck saved = Assert.Single(ModelChecks.Run([WeightChecks.Saved(model)]));
        Assert.True(saved.Passed, saved.Detail);
    }

    private void Factors(string module, int rank, int outputs, int inputs)
    {
        _tensors[$"{Prefix}{module}.lora_A.weight"] = Numbers(rank, inputs);
        _tensors[$"{Prefix}{module}.lora_B.weight"] = Numbers(outputs, rank);
    }

    private void TableFactors(string module, int rank)
    {
        _tensors[$"{Prefix}{module}.lora_embedding_A"] = Numbers(rank, Vocabulary);
        _tensors[$"{Prefix}{module}.lora_embedding_B"] = Numbers(Hidden, rank);
    }

    // B A times the scale, or its transpose.
    private double[,] Product(string module, double scale, bool transposed)
    {
        string kind = transposed ? "lora_embedding_{0}" : "lora_{0}.weight";
        double[,] a = _tensors[$"{Prefix}{module}.{string.Format(kind, "A")}"];
        double[,] b = _tensors[$"{Prefix}{module}.{string.Format(kind, "B")}"];
        int outputs = b.GetLength(0), inputs = a.GetLength(1);
        double[,] product = transposed ? new double[inputs, outputs] : new double[outputs, inputs];
        for (int i = 0; i < outputs; i++)
        {
            for (int j = 0; j < inputs; j++)
            {
                double sum = 0;
                for (int k = 0; k < a.GetLength(0); k++)
                {
                    sum += b[i, k] * a[k, j];
                }
                product[transposed ? j : i, transposed ? i : j] = scale * sum;
            }
        }
        return product;
    }

    private double[,] Numbers(int rows, int columns)
    {
        double[,] numbers = new double[rows, columns];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                numbers[i, j] = (float)(_random.NextDouble() - 0.5);
            }
        }
        return numbers;
    }

    private static double[,] Sum(double[,] first, double[,] second)
    {
        double[,] sum = (double[,])first.Clone();
        for (int i = 0; i < sum.GetLength(0); i++)
        {
            for (int j = 0; j < sum.GetLength(1); j++)
            {
                sum[i, j] += second[i, j];
            }
        }
        return sum;
    }

    private static double[,] Values(Tensor tensor)
    {
        float[] flat = tensor.reshape(-1).data<float>().ToArray();
        int columns = (int)tensor.shape[^1];
        double[,] values = new double[flat.Length / columns, columns];
        for (int i = 0; i < flat.Length; i++)
        {
            values[i / columns, i % columns] = flat[i];
        }
        return values;
    }

    private static void AssertSame(double[,] expected, Tensor actual)
    {
        double[,] values = Values(actual);
        Assert.Equal((expected.GetLength(0), expected.GetLength(1)), (values.GetLength(0), values.GetLength(1)));
        for (int i = 0; i < values.GetLength(0); i++)
        {
            for (int j = 0; j < values.GetLength(1); j++)
            {
                Assert.Equal(expected[i, j], values[i, j], 1e-5);
            }
        }
    }

    // A single row is a vector.
    private IEnumerable<KeyValuePair<string, Tensor>> Tensors() => _tensors.Select(t => KeyValuePair.Create(
        t.Key, tensor(t.Value.Cast<double>().Select(v => (float)v).ToArray()).reshape(
            t.Value.GetLength(0) == 1 && t.Key.EndsWith("norm.weight", StringComparison.Ordinal)
                ? [t.Value.GetLength(1)]
                : [t.Value.GetLength(0), t.Value.GetLength(1)])));

    private void Write()
    {
        using DisposeScope scope = NewDisposeScope();
        SafetensorsWriter.Write(Path.Combine(_adapter.Path, "adapter_model.safetensors"), [.. Tensors()]);
        _adapter.Write("adapter_config.json", _config.ToJsonString());
    }
}
