using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Evaluation.Checks;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Tests.Golden;
using HyperDas.Engine.Tests.LanguageModels;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Evaluation.Checks;

/// <summary>What a model's files hold beside what is read: tensors that nothing reads, and numbers from elsewhere.</summary>
public sealed class FileChecksTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Cases() => GoldenModels.With();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_model_is_proved_by_the_numbers_in_its_folder(string name)
    {
        using LanguageModel model = LanguageModel.Load(GoldenCase.FolderOf(name));

        ModelCheck check = Reference(model);

        Assert.True(check.Passed && check.Required, check.ToString());
        Assert.InRange(check.LargestDifference!.Value, double.Epsilon, 1e-4);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Numbers_of_another_model_are_found(string name)
    {
        foreach (string file in Directory.GetFiles(GoldenCase.FolderOf(name)))
        {
            File.Copy(file, Path.Combine(_folder.Path, Path.GetFileName(file)));
        }
        string weights = Path.Combine(_folder.Path, ModelCheckpoint.SingleFileName);
        using (DisposeScope scope = NewDisposeScope())
        {
            List<KeyValuePair<string, Tensor>> all = [];
            using (SafetensorsFile stored = SafetensorsFile.Open(Path.Combine(GoldenCase.FolderOf(name), ModelCheckpoint.SingleFileName)))
            {
                all.AddRange(stored.Entries.Keys.Select(n => new KeyValuePair<string, Tensor>(n, stored.Load(n))));
            }
            // One norm of the second block, by 2 %.
            Tensor norm = all.First(
                t => t.Key.Contains(".1.", StringComparison.Ordinal) && t.Key.Contains("ln_1.weight", StringComparison.Ordinal)
                || t.Key.Contains(".1.post_attention_layernorm.weight", StringComparison.Ordinal)).Value;
            norm.add_(0.02);
            SafetensorsWriter.Write(weights, all);
        }
        using LanguageModel model = LanguageModel.Load(_folder.Path);

        ModelCheck check = Reference(model);

        Assert.False(check.Passed);
        Assert.Contains("Largest difference", check.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_numbers_has_no_such_check()
    {
        using LanguageModel model = TinyLlama.CreateWithTokenizer();

        Assert.DoesNotContain(ModelChecks.Of(model), step => step.Name == "EqualsReference");
    }

    [Theory]
    [InlineData("nomask/logits", "no group")]
    [InlineData("nomask/input_ids", "no group")]
    public void Numbers_that_say_nothing_are_a_failed_check(string name, string says)
    {
        TinyLlama.Save(_folder.Path);
        using (Tensor tensor = zeros(1, 3, ScalarType.Int64))
        {
            SafetensorsWriter.Write(Path.Combine(_folder.Path, ReferenceNumbers.FileName), [new(name, tensor)]);
        }
        using LanguageModel model = LanguageModel.Load(_folder.Path);

        ModelCheck check = Reference(model);

        Assert.False(check.Passed);
        Assert.Contains(says, check.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Tensors_that_nothing_reads_are_named_and_do_not_stop_anybody()
    {
        using (DisposeScope scope = NewDisposeScope())
        {
            TinyLlama.Config.Save(_folder.Path);
            Dictionary<string, Tensor> weights = TinyLlama.Weights(TinyLlama.Config);
            weights.Add("model.layers.0.self_attn.q_proj.bias", zeros(24));
            weights.Add("model.layers.0.self_attn.rotary_emb.inv_freq", zeros(3));
            SafetensorsWriter.Write(Path.Combine(_folder.Path, ModelCheckpoint.SingleFileName), [.. weights]);
        }
        using LanguageModel model = LanguageModel.Load(_folder.Path);

        ModelCheck check = ModelChecks.Run(ModelChecks.Of(model)).Single(c => c.Name == "AllTensorsRead");

        Assert.Equal(["model.layers.0.self_attn.q_proj.bias"], model.Unread);
        Assert.Equal((false, false, 1), (check.Passed, check.Required, check.Count));
        Assert.Contains("q_proj.bias", check.Detail, StringComparison.Ordinal);
        Assert.Contains("q_proj.bias", Assert.Single(model.Remarks), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_nothing_understands_is_named()
    {
        TinyLlama.Save(_folder.Path);
        string file = Path.Combine(_folder.Path, ModelConfig.FileName);
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"hidden_act\"",
            "\"flux_capacitor\": 88, \"attention_dropout\": 0.1, \"hidden_act\"", StringComparison.Ordinal));

        Assert.Contains("flux_capacitor.", Assert.Single(ModelConfigFile.Load(_folder.Path).Remarks), StringComparison.Ordinal);
    }

    private static ModelCheck Reference(LanguageModel model) =>
        ModelChecks.Of(model).Single(step => step.Name == "EqualsReference").Run(default);
}
