using System.Text.Json.Nodes;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Checkpoints.Families;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Tests.Golden;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.LanguageModels;

public class LanguageModelLoadTests
{
    [Fact]
    public void A_saved_model_loads_with_the_same_weights_shape_and_fingerprint()
    {
        using TemporaryFolder folder = new();
        TinyLlama.Save(folder.Path);
        using LanguageModel original = TinyLlama.Create();

        using LanguageModel model = LanguageModel.Load(folder.Path);

        Assert.Equal(Path.GetFileName(folder.Path), model.Name);
        Assert.Equal(
            ("llama", 3, 16, 50, "cpu"), (model.Architecture, model.BlockCount, model.HiddenSize, model.VocabularySize, model.Device));
        Assert.Equal(original.Fingerprint, model.Fingerprint);
        foreach ((KeyValuePair<string, Tensor> was, KeyValuePair<string, Tensor> now) in original.NamedWeights.Zip(model.NamedWeights))
        {
            GoldenCase.AssertClose(was.Value, now.Value, 0, was.Key);
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32, ModelDtype.Auto)]
    [InlineData(ScalarType.BFloat16, ModelDtype.Auto)]
    [InlineData(ScalarType.Float16, ModelDtype.Auto)]
    [InlineData(ScalarType.Float64, ModelDtype.Auto)]
    [InlineData(ScalarType.Float32, ModelDtype.BFloat16)]
    [InlineData(ScalarType.Float32, ModelDtype.Float16)]
    [InlineData(ScalarType.BFloat16, ModelDtype.Float32)]
    public void The_number_formats_are_those_that_were_decided(ScalarType stored, ModelDtype asked)
    {
        using TemporaryFolder folder = new();
        TinyLlama.Save(folder.Path, dtype: stored);

        using LanguageModel model = LanguageModel.Load(folder.Path, asked);
        using DisposeScope scope = NewDisposeScope();

        NumberFormat expected = NumberFormat.Decide(asked, stored, model.ParameterCount, DeviceType.CPU);
        Assert.Equal(expected, model.Format);
        Assert.Equal((expected.Held, expected.Computed), (model.Dtype, model.ComputeDtype));
        Assert.All(model.NamedWeights, w => Assert.Equal(NumberFormat.ToScalarType(expected.Held), w.Value.dtype));
        Assert.Equal(NumberFormat.ToScalarType(expected.Computed),
            model.StateAt(tensor(new long[,] { { 1, 2 } }), ones(1, 2, ScalarType.Int64), 0).dtype);
    }

    [Theory]
    [InlineData(ModelDtype.BFloat16, ModelDtype.BFloat16)]
    [InlineData(ModelDtype.BFloat16, ModelDtype.Float32)]
    [InlineData(ModelDtype.Float32, ModelDtype.Float32)]
    public void A_decision_of_another_machine_is_kept_when_a_model_is_loaded_again(ModelDtype held, ModelDtype computed)
    {
        using TemporaryFolder folder = new();
        TinyLlama.Save(folder.Path, dtype: ScalarType.BFloat16);
        using LanguageModel here = LanguageModel.Load(folder.Path).KeepActivations(Path.Combine(folder.Path, "states"), 12345);

        using LanguageModel model = here.Reload(new NumberFormat(held, computed, "there", Automatic: true));

        Assert.Equal((held, computed), (model.Dtype, model.ComputeDtype));
        Assert.Equal(here.Fingerprint, model.Fingerprint);
        Assert.Equal((here.ActivationFiles!.Path, 12345), (model.ActivationFiles!.Path, model.ActivationFiles.ByteLimit));
    }

    [Fact]
    public void The_fingerprint_does_not_depend_on_the_number_format_in_memory_but_on_the_weights()
    {
        using TemporaryFolder folder = new();
        TinyLlama.Save(folder.Path);
        using LanguageModel fine = LanguageModel.Load(folder.Path), coarse = LanguageModel.Load(folder.Path, ModelDtype.BFloat16);
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> weights = TinyLlama.Weights(TinyLlama.Config);
        weights["model.norm.weight"][5] += 0.001f;

        using LanguageModel changed = LanguageModel.FromWeights(TinyLlama.Config, weights, "changed");

        Assert.Equal(fine.Fingerprint, coarse.Fingerprint);
        Assert.NotEqual(fine.Fingerprint, changed.Fingerprint);
        Assert.Matches("^[0-9a-f]{64}$", fine.Fingerprint);
    }

    [Fact]
    public void The_fingerprint_knows_the_values_that_the_configuration_adds()
    {
        using LanguageModel model = TinyLlama.Create(), other = TinyLlama.Create(TinyLlama.Config with { RopeTheta = 20000 });

        Assert.NotEqual(model.Fingerprint, other.Fingerprint);
    }

    [Fact]
    public void Shards_make_the_same_model_as_one_file()
    {
        using TemporaryFolder folder = new();
        using LanguageModel whole = TinyLlama.Create();
        Shards.Save(folder.Path);

        using LanguageModel model = LanguageModel.Load(folder.Path);

        Assert.Equal(whole.Fingerprint, model.Fingerprint);
    }

    [Fact]
    public void Progress_counts_every_byte()
    {
        using TemporaryFolder folder = new();
        TinyLlama.Save(folder.Path);
        List<WorkProgress> reports = [];

        using LanguageModel model = LanguageModel.Load(folder.Path, progress: new Immediate<WorkProgress>(reports.Add));

        Assert.Equal(model.ParameterCount * sizeof(float), reports[^1].Completed);
        Assert.Equal(reports[^1].Total, reports[^1].Completed);
        Assert.Equal(reports.OrderBy(r => r.Completed), reports);
    }

    [Fact]
    public void Loading_can_be_cancelled_and_leaves_nothing_behind()
    {
        using TemporaryFolder folder = new();
        TinyLlama.Save(folder.Path);
        using CancellationTokenSource source = new();
        long before = LiveTensors.Settle();

        Assert.Throws<OperationCanceledException>(() => LanguageModel.Load(
            folder.Path, progress: new Immediate<WorkProgress>(_ => source.Cancel()), cancellationToken: source.Token));

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void A_tensor_of_another_shape_is_named_with_both_shapes()
    {
        using TemporaryFolder folder = new();
        TinyLlama.Save(folder.Path);
        (TinyLlama.Config with { InnerWidth = 20 }).Save(folder.Path);
        long before = LiveTensors.Settle();

        HyperDasException error = Assert.Throws<HyperDasException>(() => LanguageModel.Load(folder.Path));

        Assert.Equal("TensorShapeMismatch", error.ErrorId);
        Assert.Contains("model.layers.0.mlp.gate_proj.weight", error.Message);
        Assert.Contains("[24, 16]", error.Message);
        Assert.Contains("[20, 16]", error.Message);
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Theory]
    [InlineData("intermediate_size", 16_777_215)]
    [InlineData("vocab_size", 16_777_215)]
    [InlineData("num_hidden_layers", 4096)]
    [InlineData("num_attention_heads", 2_796_202)]
    public void A_configuration_that_asks_for_more_than_there_is_takes_no_memory(string key, int size)
    {
        using TemporaryFolder folder = new();
        TinyLlama.Save(folder.Path);
        string path = Path.Combine(folder.Path, ModelConfig.FileName);
        JsonObject config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        config[key] = size;
        File.WriteAllText(path, config.ToJsonString());
        long tensors = LiveTensors.Settle(), allocated = GC.GetAllocatedBytesForCurrentThread();

        HyperDasException error = Assert.Throws<HyperDasException>(() => LanguageModel.Load(folder.Path));

        Assert.Contains(error.ErrorId, (string[])["TensorShapeMismatch", "TensorNotFound"]);
        Assert.Contains(ModelCheckpoint.SingleFileName, error.Message);
        Assert.Equal(tensors, Tensor.TotalCount);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 1 << 20);
    }

    [Theory]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Bool)]
    public void Weights_that_are_no_floating_point_numbers_are_refused(ScalarType dtype)
    {
        using TemporaryFolder folder = new();
        TinyLlama.Save(folder.Path, dtype: dtype);

        HyperDasException error = Assert.Throws<HyperDasException>(() => LanguageModel.Load(folder.Path));

        Assert.Equal("TensorDtypeUnsupported", error.ErrorId);
        Assert.Contains(ModelCheckpoint.SingleFileName, error.Message);
    }

    [Fact]
    public void The_shapes_that_are_checked_are_those_of_the_weights()
    {
        using LanguageModel model = TinyLlama.Create();

        Assert.Equal(
            model.NamedWeights.Select(w => $"{w.Key} {string.Join(',', w.Value.shape)}"),
            ModelFamily.Of(TinyLlama.Config).Weights(TinyLlama.Config)
                .Select(w => $"{w.Name} {string.Join(',', w.Shape(TinyLlama.Config))}"));
    }

    [Fact]
    public void A_missing_tensor_is_named()
    {
        using TemporaryFolder folder = new();
        TinyLlama.Save(folder.Path, TinyLlama.Config with { TiedHead = true });
        TinyLlama.Config.Save(folder.Path);

        HyperDasException error = Assert.Throws<HyperDasException>(() => LanguageModel.Load(folder.Path));

        Assert.Equal("TensorNotFound", error.ErrorId);
        Assert.Contains("lm_head.weight", error.Message);
        Assert.Contains(Path.Combine(folder.Path, ModelCheckpoint.SingleFileName), error.Message);
    }

    [Theory]
    [InlineData("tpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("")]
    public void A_device_that_does_not_exist_is_refused(string device) =>
        Assert.Equal("DeviceUnknown", Assert.Throws<HyperDasException>(() => LanguageModel.Load("anywhere", device: device)).ErrorId);

    [SkippableTheory]
    [InlineData("cuda")]
    [InlineData("CUDA:0")]
    public void Cuda_without_cuda_says_what_to_do(string device)
    {
        Skip.If(cuda.is_available(), "This machine has CUDA.");

        HyperDasException error = Assert.Throws<HyperDasException>(() => LanguageModel.Load("anywhere", device: device));

        Assert.Equal("CudaUnavailable", error.ErrorId);
        Assert.Contains("TorchBackend", error.Message);
    }

    [Fact]
    public void A_model_without_a_tokenizer_works_until_the_tokenizer_is_needed()
    {
        using TemporaryFolder folder = new();
        TinyLlama.Save(folder.Path);
        using LanguageModel model = LanguageModel.Load(folder.Path);

        Assert.Single(TextGenerator.Generate(model, [[48, 1]], new GenerationOptions { MaxNewTokens = 1 }));
        Assert.Equal("PathNotFound", Assert.Throws<HyperDasException>(() => model.Tokenizer).ErrorId);
    }

    private sealed class Immediate<T>(Action<T> action) : IProgress<T>
    {
        public void Report(T value) => action(value);
    }
}
