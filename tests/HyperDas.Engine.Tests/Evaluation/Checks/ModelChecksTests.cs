using System.Text.Json.Nodes;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Evaluation.Checks;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Tests.Golden;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Tests.Tokenization;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Evaluation.Checks;

public sealed class ModelChecksTests : IDisposable
{
    private readonly LanguageModel _model = TinyLlama.CreateWithTokenizer();

    public void Dispose() => _model.Dispose();

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void A_sound_model_passes_every_check(ScalarType dtype)
    {
        using LanguageModel model = TinyLlama.Create(TinyLlama.TextConfig, dtype, TinyTokenizer.Build([]));

        IReadOnlyList<ModelCheck> checks = ModelChecks.Run(ModelChecks.Of(model));

        Assert.Equal(
            [
                "FiniteWeights", "AllTensorsRead", "TokenizerFitsModel", "BatchedEqualsSingle", "LeftEqualsRight", "CachedEqualsUncached",
                "LayerConvention", "PartialEqualsFull",
                "SavedEqualsLoaded",
            ],
            checks.Select(c => c.Name));
        Assert.All(checks, c => Assert.True(c.Passed && c.Required == (c.Name != "AllTensorsRead"), c.ToString()));
        Assert.All(checks, c => Assert.True(c.Count is 0 || c.LargestDifference <= c.Tolerance, c.ToString()));
        Assert.Equal(0, checks[^1].LargestDifference);
    }

    [Fact]
    public void Padding_that_is_taken_for_text_is_found()
    {
        Dictionary<string, ModelCheck> checks = Run(new BrokenPaths.SeenPadding(_model));

        AssertFound(checks["LeftEqualsRight"]);
    }

    [Fact]
    public void A_cache_that_forgets_is_found()
    {
        Dictionary<string, ModelCheck> checks = Run(new BrokenPaths.ForgetfulCache(_model));

        AssertFound(checks["CachedEqualsUncached"]);
        Assert.True(checks["BatchedEqualsSingle"].Passed);
    }

    [Fact]
    public void A_wrong_layer_convention_is_found()
    {
        Dictionary<string, ModelCheck> checks = Run(new BrokenPaths.OneLayerTooFar(_model));

        AssertFound(checks["LayerConvention"]);
        AssertFound(checks["PartialEqualsFull"]);
        Assert.Contains("layer", checks["LayerConvention"].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void States_that_lose_bits_are_found()
    {
        Dictionary<string, ModelCheck> checks = Run(new BrokenPaths.RoundedStates(_model));

        ModelCheck partial = checks["PartialEqualsFull"];
        Assert.False(partial.Passed);
        Assert.InRange(partial.LargestDifference!.Value, partial.Tolerance!.Value, 0.1);
    }

    [Fact]
    public void A_weight_that_is_not_finite_is_named_and_no_difference_passes()
    {
        using LanguageModel model = Damaged("model.layers.1.mlp.up_proj.weight", w => w[0, 0].fill_(float.NaN));

        Dictionary<string, ModelCheck> checks = ModelChecks.Run(ModelChecks.Of(model)).ToDictionary(c => c.Name);

        Assert.Equal((false, 1L), (checks["FiniteWeights"].Passed, checks["FiniteWeights"].Count));
        Assert.Contains("'model.layers.1.mlp.up_proj.weight'", checks["FiniteWeights"].Detail, StringComparison.Ordinal);
        Assert.Equal((false, double.NaN), (checks["BatchedEqualsSingle"].Passed, checks["BatchedEqualsSingle"].LargestDifference));
        Assert.Equal((false, double.NaN), (checks["CachedEqualsUncached"].Passed, checks["CachedEqualsUncached"].LargestDifference));
        Assert.False(checks["SavedEqualsLoaded"].Passed);
        Assert.True(checks["TokenizerFitsModel"].Passed);
    }

    [Fact]
    public void Ids_beyond_the_embedding_are_counted()
    {
        using LanguageModel model = TinyLlama.Create(TinyLlama.Config with { VocabularySize = 200 }, tokenizer: TinyTokenizer.Build([]));

        IReadOnlyList<ModelCheck> checks = ModelChecks.Run(ModelChecks.Of(model));

        ModelCheck tokenizer = checks.Single(c => c.Name == "TokenizerFitsModel");
        // 256 bytes; the two special tokens beyond are in no text.
        Assert.Equal((false, 56L, 258L), (tokenizer.Passed, tokenizer.Count, tokenizer.Total));
        Assert.All(checks.Where(c => c != tokenizer), c => Assert.True(c.Passed, c.ToString()));
    }

    [Fact]
    public void A_model_without_a_tokenizer_is_checked_with_made_up_ids()
    {
        using LanguageModel model = TinyLlama.Create();

        IReadOnlyList<ModelCheck> checks = ModelChecks.Run(ModelChecks.Of(model));

        Assert.Equal(["TokenizerFitsModel"], checks.Where(c => !c.Passed).Select(c => c.Name));
    }

    [Theory]
    [InlineData("""{"rope_type": "dynamic", "factor": 2.0}""")]
    [InlineData("""
        {"rope_type": "longrope", "short_factor": [1, 1.1, 1.2], "long_factor": [2, 3, 4], "original_max_position_embeddings": 12}
        """)]
    public void A_model_whose_rotation_depends_on_the_length_passes(string scaling)
    {
        using LanguageModel model = FamilyModels.Create(
            GoldenModels.Names().First(n => GoldenModels.FamilyOf(n) == "llama"), json =>
            {
                json.Remove("rope_scaling");
                (json["head_dim"], json["max_position_embeddings"], json["rope_parameters"]) = (6, 24, JsonNode.Parse(scaling));
            });
        ModelCheckOptions options = new() { Prompts = ["Vienna is", "The capital of Austria is"] };

        Assert.All(ModelChecks.Run(ModelChecks.Of(model, options)), c => Assert.True(c.Passed, c.ToString()));
        // A cache that isn't refilled is found, too.
        AssertFound(ModelChecks.Run(ModelChecks.Of(new BrokenPaths.ForgetfulCache(model), options))
            .Single(c => c.Name == "CachedEqualsUncached"));
    }

    [Fact]
    public void Made_up_ids_fit_into_the_learned_positions()
    {
        using DisposeScope scope = NewDisposeScope();
        ModelConfig config = FamilyModels.Config(
            GoldenModels.Names().First(n => GoldenModels.FamilyOf(n) == "gpt2"), json => json["n_positions"] = 20);
        using LanguageModel model = LanguageModel.FromWeights(config, FamilyModels.Weights(config), "gpt2");

        Assert.Equal(["TokenizerFitsModel"], ModelChecks.Run(ModelChecks.Of(model)).Where(c => !c.Passed).Select(c => c.Name));
    }

    [Fact]
    public void Own_prompts_layers_and_tolerance_count()
    {
        ModelCheckOptions options = new() { Prompts = ["one", "two three"], Layers = [1], Tolerance = 0 };

        IReadOnlyList<ModelCheck> checks = ModelChecks.Run(ModelChecks.Of(_model, options));

        Assert.All(checks.Where(c => c.Tolerance is not null), c => Assert.Equal(0, c.Tolerance));
    }

    public static TheoryData<ModelCheckOptions, string> Impossible => new()
    {
        { new ModelCheckOptions { Tolerance = double.NaN }, "CheckOptionInvalid" },
        { new ModelCheckOptions { Tolerance = -1 }, "CheckOptionInvalid" },
        { new ModelCheckOptions { Prompts = ["one"] }, "CheckOptionInvalid" },
        { new ModelCheckOptions { Prompts = ["", ""] }, "CheckOptionInvalid" },
        { new ModelCheckOptions { Layers = [4] }, "LayerInvalid" },
        { new ModelCheckOptions { Layers = [-1] }, "LayerInvalid" },
    };

    [Theory]
    [MemberData(nameof(Impossible))]
    public void Impossible_options_are_refused(ModelCheckOptions options, string id)
    {
        Assert.Equal(id, Assert.Throws<HyperDasException>(() => ModelChecks.Of(_model, options)).ErrorId);
    }

    [Fact]
    public void Checks_leave_no_tensor_and_no_file()
    {
        ModelChecks.Run(ModelChecks.Of(_model));
        int files = TemporaryFiles();
        long before = LiveTensors.Settle();

        ModelChecks.Run(ModelChecks.Of(_model));

        Assert.Equal(before, Tensor.TotalCount);
        Assert.Equal(files, TemporaryFiles());
    }

    [Fact]
    public void Results_are_read_as_they_were_written()
    {
        using TemporaryFolder folder = new();
        string file = Path.Combine(folder.Path, "model-check.json");
        ModelCheck[] checks = [.. ModelChecks.Run(ModelChecks.Of(_model)), .. Run(new BrokenPaths.ForgetfulCache(_model)).Values];
        checks = [.. checks, checks[2] with { LargestDifference = double.NaN, Passed = false }];

        ModelCheckFile.Write(checks, file);

        Assert.Equal(checks, ModelCheckFile.Read(file));
        Assert.Equal(
            "ModelCheckCorrupt", Assert.Throws<HyperDasException>(() => ModelCheckFile.Read(folder.Write("other.json", "{}"))).ErrorId);
    }

    private static int TemporaryFiles() => Directory.GetDirectories(Path.GetTempPath(), "hyperdas-check-*").Length;

    private static Dictionary<string, ModelCheck> Run(ModelPaths paths)
    {
        using DisposeScope scope = NewDisposeScope();
        return ModelChecks.Run(ModelChecks.Of(paths, new ModelCheckOptions())).ToDictionary(c => c.Name);
    }

    private static void AssertFound(ModelCheck check)
    {
        Assert.False(check.Passed);
        Assert.True(check.LargestDifference > 0.05, check.ToString());
    }

    private static LanguageModel Damaged(string name, Action<Tensor> damage)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> weights = TinyLlama.Weights(TinyLlama.TextConfig);
        damage(weights[name]);
        return LanguageModel.FromWeights(TinyLlama.TextConfig, weights, "damaged", TinyTokenizer.Build([]));
    }
}
