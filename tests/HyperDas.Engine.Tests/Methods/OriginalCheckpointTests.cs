using System.Text.Json;
using System.Text.Json.Nodes;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Methods.Original;
using HyperDas.Engine.Tests.Checkpoints.Pickle;
using HyperDas.Engine.Tests.Golden;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Methods;

/// <summary>Checkpoints in the original's layout, with its parameters, against what the original computed with them.</summary>
public sealed class OriginalCheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    private string Checkpoint => Path.Combine(_folder.Path, "final_model");

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("hyperdas_reflect")]
    [InlineData("hyperdas_reflect_lastlayer")]
    [InlineData("hyperdas_das")]
    [InlineData("hyperdas_mask")]
    [InlineData("hyperdas_boundless")]
    [InlineData("hyperdas_none_layer0")]
    [InlineData("hyperdas_ablate_base")]
    [InlineData("hyperdas_asym_coin0")]
    [InlineData("hyperdas_quirk_sdpa_nopad")]
    public void A_checkpoint_gives_the_originals_weights_and_edits(string name)
    {
        using GoldenHyperDas golden = new(name);
        Write(golden.Case);
        using HyperDasInterpreter opened = (HyperDasInterpreter)InterpreterStore.Load(Checkpoint, golden.Target);

        InterchangeBatch batch = golden.Batch();
        Patch patch = opened.Propose(batch);
        Tensor edited = Interpreter.Edit(batch, patch, SelectionMode.Soft),
            expected = Interpreter.Edit(batch, golden.Interpreter.Propose(batch), SelectionMode.Soft);

        Assert.Equal(
            golden.Interpreter.Options with
            { BidirectionalUnpaddedInstructions = true, SubspaceInner = opened.Options.SubspaceInner,
                FeatureDimension = opened.Options.FeatureDimension }, opened.Options);
        GoldenCase.AssertClose(golden.Packed(golden.Case["out/intervention_weight"], batch), patch.Weights, 1e-5, "selection weights");
        GoldenCase.AssertClose(expected, edited, 1e-6, "edited hidden states, which have their own comparison with the original");
    }

    [Fact]
    public void Options_give_what_no_file_says_and_the_interpreter_is_stored_as_any_other()
    {
        using GoldenHyperDas golden = new("hyperdas_reflect");
        Write(golden.Case, settings: null, skip: null);
        HypernetworkOptions given = new() { Layer = 2, BaseSuffixVisible = true };

        HyperDasException silent = Assert.Throws<HyperDasException>(() => InterpreterStore.Load(Checkpoint, golden.Target));
        using HyperDasInterpreter opened = (HyperDasInterpreter)InterpreterStore.Load(Checkpoint, golden.Target, given);
        string stored = Path.Combine(_folder.Path, "stored");
        InterpreterStore.Save(opened, stored);
        using HyperDasInterpreter again = (HyperDasInterpreter)InterpreterStore.Load(stored, golden.Target);

        Assert.Equal("OriginalSettingsMissing", silent.ErrorId);
        Assert.Contains("-NetworkOption", silent.Message);
        Assert.Equal(golden.Interpreter.Options with { BidirectionalUnpaddedInstructions = true, BaseSuffixVisible = true }, again.Options);
        Assert.All(opened.Parameters.State(), p => GoldenCase.AssertClose(golden.Case[$"param/{p.Key}"], p.Value, 0, p.Key));
        Assert.Equal("OptionInvalid", Assert.Throws<HyperDasException>(() => InterpreterStore.Load(stored, golden.Target, given)).ErrorId);
    }

    [Theory]
    [InlineData("num_decoders", "8", "InterpreterCorrupt", "Blocks is 8")]
    [InlineData("das_dimension", "128", "InterpreterCorrupt", "FeatureDimension is 128")]
    [InlineData("subspace_module", "\"DAS\"", "InterpreterCorrupt", "Subspace is LowRank")]
    [InlineData("subspace_module", "\"SAE\"", "InterpreterCorrupt", "subspace_module")]
    [InlineData("intervention_layer", "\"15\"", "InterpreterCorrupt", "intervention_layer")]
    [InlineData("intervention_layer", "31", "LayerInvalid", "31")]
    [InlineData("break_asymmetric", "1", "InterpreterCorrupt", "break_asymmetric")]
    public void Settings_that_contradict_the_tensors_or_are_none_are_refused(string key, string value, string id, string word)
    {
        using GoldenHyperDas golden = new("hyperdas_reflect");
        JsonObject settings = Settings(golden.Case);
        settings[key] = JsonNode.Parse(value);
        Write(golden.Case, settings);

        HyperDasException error = Assert.Throws<HyperDasException>(() => InterpreterStore.Load(Checkpoint, golden.Target));

        Assert.Equal(id, error.ErrorId);
        Assert.Contains(word, error.Message);
    }

    [Fact]
    public void Missing_files_and_other_models_are_told()
    {
        using GoldenHyperDas golden = new("hyperdas_reflect"), none = new("hyperdas_none");
        Write(golden.Case);
        using Engine.LanguageModels.LanguageModel other = LanguageModels.TinyLlama.Create();

        Assert.Equal("InterpreterMismatch", Assert.Throws<HyperDasException>(() => InterpreterStore.Load(Checkpoint, other)).ErrorId);
        File.Delete(Path.Combine(Checkpoint, OriginalCheckpoint.SubspaceFile));
        HyperDasException noSubspace = Assert.Throws<HyperDasException>(() => InterpreterStore.Load(Checkpoint, golden.Target));
        HyperDasException start = Assert.Throws<HyperDasException>(() => InterpreterStore.Describe(Checkpoint));

        Assert.Equal("PathNotFound", noSubspace.ErrorId);
        Assert.Contains(OriginalCheckpoint.SubspaceFile, noSubspace.Message);
        Assert.Contains("Import-HyperDasModel -Interpreter", start.Message);
    }

    [Fact]
    public void A_tensor_that_is_missing_or_too_many_is_named()
    {
        using GoldenHyperDas golden = new("hyperdas_reflect");
        Write(golden.Case, skip: "lm_head.q_combine.weight");
        Assert.Contains(
            "'lm_head.q_combine.weight'", Assert.Throws<HyperDasException>(() => InterpreterStore.Load(Checkpoint, golden.Target)).Message);

        Write(golden.Case, more: new("model.layers.0.self_attn.q_norm.weight", ones(4)));
        HyperDasException error = Assert.Throws<HyperDasException>(() => InterpreterStore.Load(Checkpoint, golden.Target));
        Assert.Equal("InterpreterCorrupt", error.ErrorId);
        Assert.Contains("'model.layers.0.self_attn.q_norm.weight'", error.Message);
    }


    private void Write(GoldenCase golden, string? skip = null, KeyValuePair<string, Tensor>? more = null) =>
        Write(golden, Settings(golden), skip, more);

    private void Write(GoldenCase golden, JsonObject? settings, string? skip = null, KeyValuePair<string, Tensor>? more = null)
    {
        Directory.CreateDirectory(Checkpoint);
        Part("hypernetwork.", OriginalCheckpoint.NetworkFile);
        if (golden.Names.Any(name => name.StartsWith("param/das_module.", StringComparison.Ordinal)))
        {
            Part("das_module.", OriginalCheckpoint.SubspaceFile);
        }
        if (settings is not null)
        {
            // The original writes it to the folder above its checkpoints.
            _folder.Write(OriginalSettings.FileName, settings.ToJsonString());
        }

        void Part(string prefix, string file)
        {
            List<KeyValuePair<string, Tensor>> tensors =
            [
                .. golden.Names.Where(name => name.StartsWith($"param/{prefix}", StringComparison.Ordinal))
                    .Select(name => new KeyValuePair<string, Tensor>(name[$"param/{prefix}".Length..], golden[name]))
                    .Where(p => p.Key != skip),
            ];
            if (more is { } one && prefix == "hypernetwork.")
            {
                tensors.Add(one);
            }
            TorchWriter.Write(Path.Combine(Checkpoint, file), tensors);
        }
    }

    private static JsonObject Settings(GoldenCase golden)
    {
        JsonElement hyper = golden.Manifest.GetProperty("hyper");
        bool Flag(string name) => hyper.TryGetProperty(name, out JsonElement value) && value.ToString() == "True";
        return new JsonObject
        {
            ["model_name_or_path"] = "meta-llama/Meta-Llama-3-8B",
            ["intervention_layer"] = hyper.GetProperty("intervention_layer").GetInt32(),
            ["num_decoders"] = hyper.GetProperty("chop_editor_at_layer").GetInt32(),
            ["das_dimension"] = hyper.GetProperty("das_dimension").GetInt32(),
            ["subspace_module"] = hyper.GetProperty("subspace_module").GetString(),
            ["ablate_base_token_attention"] = Flag("ablate_base_token_attention"),
            ["break_asymmetric"] = Flag("break_asymmetric"),
            ["lr"] = 4e-5,
        };
    }
}
