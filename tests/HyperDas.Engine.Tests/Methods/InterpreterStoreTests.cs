using System.Text.Json.Nodes;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Evaluation;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Tests.Ravel;
using HyperDas.Engine.Tests.Reference;
using HyperDas.Engine.Tests.Tokenization;
using HyperDas.Engine.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Methods;

public sealed class InterpreterStoreTests : IDisposable
{
    private readonly TemporaryFolder _models = new(), _folder = new();
    private readonly LanguageModel _target;

    public InterpreterStoreTests() => _target = Model("target");

    [Theory]
    [InlineData(SubspaceKind.None)]
    [InlineData(SubspaceKind.Householder)]
    [InlineData(SubspaceKind.LowRank)]
    [InlineData(SubspaceKind.Mask)]
    [InlineData(SubspaceKind.Boundless)]
    public void What_was_saved_proposes_and_scores_the_same_bit_for_bit(SubspaceKind kind)
    {
        using DisposeScope scope = NewDisposeScope();
        using HyperDasInterpreter saved = TinyInterpreter.Create(_target, TinyInterpreter.Options(kind));
        Trainer.Train(
            saved, RandomExamples.Create(4, vocabulary: 256), new TrainingOptions { Epochs = 2, BatchSize = 4, LearningRate = 1e-3 });

        InterpreterStore.Save(saved, _folder.Path);
        using Interpreter loaded = InterpreterStore.Load(_folder.Path, _target);

        Assert.Equal(TinyInterpreter.Bits(saved), TinyInterpreter.Bits(loaded));
        Assert.Equal(Proposal(saved), Proposal(loaded));
        Assert.Equal(Scores(saved), Scores(loaded));
        Assert.Equal(saved.Options, Assert.IsType<HyperDasInterpreter>(loaded).Options);
        Assert.Equal(saved.TrainedWith, loaded.TrainedWith);
        Assert.Equal(_folder.Path, loaded.Path);
        Assert.Equal(_folder.Path, saved.Path);
    }

    [Fact]
    public void In_bfloat16_all_but_the_rotation_is_rounded_and_the_file_is_half_as_large()
    {
        using DisposeScope scope = NewDisposeScope();
        using HyperDasInterpreter saved = TinyInterpreter.Create(_target, TinyInterpreter.Options(SubspaceKind.Householder));
        InterpreterStore.Save(saved, _folder.Path);
        long whole = new FileInfo(Path.Combine(_folder.Path, InterpreterStore.ParametersFile)).Length;

        InterpreterStore.Save(saved, _folder.Path, ModelDtype.BFloat16);
        using Interpreter loaded = InterpreterStore.Load(_folder.Path, _target);

        Assert.InRange(new FileInfo(Path.Combine(_folder.Path, InterpreterStore.ParametersFile)).Length, whole * 0.45, whole * 0.65);
        Dictionary<string, Tensor> read = new(loaded.Parameters.State());
        foreach ((string name, Tensor value) in saved.Parameters.State())
        {
            bool rotation = name.Contains("rotate_layer", StringComparison.Ordinal);
            Tensor expected = rotation ? value : value.to_type(ScalarType.BFloat16).to_type(ScalarType.Float32);
            Assert.True(expected.equal(read[name]).all().item<bool>(), name);
        }
        Assert.Equal("OptionInvalid", Assert.Throws<HyperDasException>(() => InterpreterStore.Save(
            saved, _folder.Path, ModelDtype.Float16)).ErrorId);
    }

    [Fact]
    public void A_loaded_interpreter_can_be_trained_on()
    {
        Save();
        using Interpreter loaded = InterpreterStore.Load(_folder.Path, _target);
        byte[] before = TinyInterpreter.Bits(loaded);

        Trainer.Train(loaded, RandomExamples.Create(4, vocabulary: 256), new TrainingOptions { Epochs = 1, BatchSize = 4 });

        Assert.NotEqual(before, TinyInterpreter.Bits(loaded));
    }

    [Fact]
    public void Saving_again_replaces_what_was_there()
    {
        Save(SubspaceKind.Mask);
        Save(SubspaceKind.LowRank);

        using Interpreter loaded = InterpreterStore.Load(_folder.Path, _target);

        Assert.Equal(nameof(SubspaceKind.LowRank), loaded.Subspace);
        Assert.Equal([InterpreterStore.DescriptionFile, InterpreterStore.ParametersFile],
            Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_target_with_other_weights_is_refused()
    {
        Save();
        using LanguageModel other = Model("other", TinyLlama.TextConfig with { RopeTheta = 20000 });

        AssertRefused("InterpreterMismatch", other, "'other'", InterpreterStore.DescriptionFile);
    }

    [Fact]
    public void A_target_with_another_tokenizer_or_none_is_refused()
    {
        Save();
        using LanguageModel merged = Model("merged", TinyLlama.TextConfig, ["a b"]), mute = Model("mute", mute: true);

        AssertRefused("TokenizerMismatch", merged, "tokenizer files", InterpreterStore.DescriptionFile);
        AssertRefused("TokenizerMismatch", mute, "tokenizer files", InterpreterStore.DescriptionFile);
    }

    [Fact]
    public void A_folder_without_description_is_not_an_interpreter()
    {
        AssertRefused("PathNotFound", _target, _folder.Path, InterpreterStore.DescriptionFile);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_named()
    {
        HyperDasException error = Assert.Throws<HyperDasException>(
            () => InterpreterStore.Load(Path.Combine(_folder.Path, "nowhere"), _target));

        Assert.Equal("PathNotFound", error.ErrorId);
        Assert.Contains("nowhere", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_parameters_are_named()
    {
        Save();
        File.Delete(ParametersFile);

        AssertRefused("PathNotFound", _target, InterpreterStore.ParametersFile);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(200)]
    [InlineData(-1)]
    public void Truncated_parameters_are_named(int bytes)
    {
        Save();
        byte[] whole = File.ReadAllBytes(ParametersFile);
        File.WriteAllBytes(ParametersFile, whole[..(bytes < 0 ? whole.Length + bytes : bytes)]);

        AssertRefused("CheckpointCorrupt", _target, InterpreterStore.ParametersFile);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    public void A_description_that_is_not_one_is_named(string json)
    {
        Save();
        File.WriteAllText(DescriptionFile, json);

        AssertRefused("InterpreterCorrupt", _target, InterpreterStore.DescriptionFile);
    }

    [Theory]
    [InlineData("formatVersion")]
    [InlineData("method")]
    [InlineData("targetName")]
    [InlineData("targetFingerprint")]
    [InlineData("options")]
    public void A_description_that_lacks_something_is_named(string key)
    {
        Save();
        Change(description => description.Remove(key));

        AssertRefused("InterpreterCorrupt", _target, InterpreterStore.DescriptionFile);
    }

    [Fact]
    public void A_later_format_is_named_even_though_it_holds_what_nobody_knows()
    {
        Save();
        Change(description =>
        {
            description["formatVersion"] = 99;
            description["compression"] = "new";
        });

        AssertRefused("InterpreterCorrupt", _target, InterpreterStore.DescriptionFile, "99");
    }

    [Theory]
    [InlineData("unheardOf")]
    [InlineData("Layr")]
    public void An_unknown_key_is_named(string key)
    {
        Save();
        Change(description => description["options"]![key] = 1);

        AssertRefused("InterpreterCorrupt", _target, InterpreterStore.DescriptionFile, key);
    }

    [Fact]
    public void Options_that_the_target_cannot_have_are_refused()
    {
        Save();
        Change(description => description["options"]!["layer"] = 17);

        AssertRefused("LayerInvalid", _target, InterpreterStore.DescriptionFile);
    }

    [Theory]
    [InlineData("subspace", "99")]
    [InlineData("subspaceInner", "2147483647")]
    public void Options_that_no_parameters_could_have_are_refused_without_taking_memory(string key, string value)
    {
        Save(SubspaceKind.Generated);
        Change(description => description["options"]![key] = JsonNode.Parse(value));
        long before = LiveTensors.Settle();

        AssertRefused("InterpreterCorrupt", _target, InterpreterStore.DescriptionFile);

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Theory]
    [InlineData("targetFingerprint", "null")]
    [InlineData("targetName", "\"\\ud800\"")]
    public void A_description_with_a_value_that_cannot_be_is_refused(string key, string value)
    {
        Save();
        File.WriteAllText(DescriptionFile, File.ReadAllText(DescriptionFile).Replace($"\"{key}\": ", $"\"{key}\": {value}, \"old\": "));

        AssertRefused("InterpreterCorrupt", _target, InterpreterStore.DescriptionFile);
    }

    [Fact]
    public void A_key_that_occurs_twice_is_refused()
    {
        Save();
        File.WriteAllText(DescriptionFile, File.ReadAllText(DescriptionFile).Replace("\"layer\":", "\"layer\": 1, \"layer\":"));

        AssertRefused("InterpreterCorrupt", _target, InterpreterStore.DescriptionFile);
    }

    [Fact]
    public void A_missing_tensor_is_named()
    {
        const string Lost = "hypernetwork.lm_head.k_proj.weight";
        Save();
        Rewrite(state => state.Remove(Lost));

        AssertRefused("InterpreterCorrupt", _target, InterpreterStore.ParametersFile, Lost, "nothing");
    }

    [Fact]
    public void A_misshapen_tensor_is_named_with_the_shape_that_it_should_have()
    {
        const string Bent = "hypernetwork.lm_head.k_proj.weight";
        Save();
        Rewrite(state => state[Bent] = state[Bent].transpose(0, 1).contiguous());

        AssertRefused("InterpreterCorrupt", _target, InterpreterStore.ParametersFile, Bent, "[12, 16]", "[16, 12]");
    }

    [Fact]
    public void A_refused_file_leaves_no_tensor_behind()
    {
        Save();
        Rewrite(state => state.Remove("hypernetwork.model.norm.weight"));
        long before = LiveTensors.Settle();

        Assert.Throws<HyperDasException>(() => InterpreterStore.Load(_folder.Path, _target));

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_named()
    {
        string file = _models.Write("file", "");
        using HyperDasInterpreter interpreter = TinyInterpreter.Create(_target);

        HyperDasException error = Assert.Throws<HyperDasException>(() => InterpreterStore.Save(interpreter, Path.Combine(file, "x")));

        Assert.Equal("WriteFailed", error.ErrorId);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        Assert.Null(interpreter.Path);
    }

    [Fact]
    public void A_disposed_interpreter_cannot_be_saved()
    {
        HyperDasInterpreter interpreter = TinyInterpreter.Create(_target);
        interpreter.Dispose();

        Assert.Equal(
            "InterpreterDisposed", Assert.Throws<HyperDasException>(() => InterpreterStore.Save(interpreter, _folder.Path)).ErrorId);
    }

    public void Dispose()
    {
        _target.Dispose();
        _folder.Dispose();
        _models.Dispose();
    }

    private string DescriptionFile => Path.Combine(_folder.Path, InterpreterStore.DescriptionFile);

    private string ParametersFile => Path.Combine(_folder.Path, InterpreterStore.ParametersFile);

    private LanguageModel Model(string name, ModelConfig? config = null, string[]? merges = null, bool mute = false)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_models.Path, name)).FullName;
        TinyLlama.Save(folder, config ?? TinyLlama.TextConfig);
        if (!mute)
        {
            File.WriteAllText(Path.Combine(folder, "tokenizer.json"), TinyTokenizer.Json(merges ?? []));
            File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), $$"""{"bos_token": "{{TinyTokenizer.Bos}}"}""");
        }
        return LanguageModel.Load(folder);
    }

    private void Save(SubspaceKind kind = SubspaceKind.Householder)
    {
        using HyperDasInterpreter interpreter = TinyInterpreter.Create(_target, TinyInterpreter.Options(kind));
        InterpreterStore.Save(interpreter, _folder.Path);
    }

    private void Change(Action<JsonObject> change)
    {
        JsonObject description = JsonNode.Parse(File.ReadAllText(DescriptionFile))!.AsObject();
        change(description);
        File.WriteAllText(DescriptionFile, description.ToJsonString());
    }

    private void Rewrite(Action<Dictionary<string, Tensor>> change)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> state = [];
        using (SafetensorsFile file = SafetensorsFile.Open(ParametersFile))
        {
            foreach (string name in file.Entries.Keys)
            {
                state[name] = file.Load(name);
            }
        }
        change(state);
        SafetensorsWriter.Write(ParametersFile, [.. state]);
    }

    private void AssertRefused(string errorId, LanguageModel target, params string[] named)
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => InterpreterStore.Load(_folder.Path, target));

        Assert.Equal(errorId, error.ErrorId);
        Assert.All(named, text => Assert.Contains(text, error.Message, StringComparison.Ordinal));
    }

    private byte[] Proposal(Interpreter interpreter)
    {
        using DisposeScope scope = NewDisposeScope();
        using ActivationCache cache = interpreter.CreateCache();
        InterchangeBatch batch = new InterchangeBatchBuilder(_target, cache, interpreter.Layer)
            .Build(RandomExamples.Create(5, vocabulary: 256));
        Patch patch = interpreter.Propose(batch);
        Tensor edited = Interpreter.Edit(batch, patch, SelectionMode.Soft);
        return [.. patch.Weights.detach().contiguous().bytes.ToArray(), .. edited.detach().contiguous().bytes.ToArray()];
    }

    private static IReadOnlyList<RavelScore> Scores(Interpreter interpreter) =>
        RavelScorer.Score(interpreter, TinyDataset.Create(), RavelSplit.Test, [SelectionMode.Soft, SelectionMode.OneToOne]);
}
