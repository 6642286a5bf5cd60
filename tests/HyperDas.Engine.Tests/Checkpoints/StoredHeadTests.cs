using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Tests.LanguageModels;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Checkpoints;

/// <summary>A head in the files of a model whose head is tied.</summary>
public sealed class StoredHeadTests : IDisposable
{
    private static readonly ModelConfig s_tied = TinyLlama.Config with { TiedHead = true };

    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_copy_of_the_embeddings_is_nothing_to_speak_of()
    {
        using LanguageModel model = Load(embeddings => embeddings.clone());

        Assert.Empty(model.Remarks);
    }

    [Fact]
    public void Another_head_is_told_and_not_used()
    {
        using LanguageModel model = Load(embeddings => embeddings + 0.01f), plain = Load(null);

        string remark = Assert.Single(model.Remarks);
        Assert.Contains("'lm_head.weight'", remark);
        Assert.Contains("tie_word_embeddings", remark);
        Assert.Equal(plain.Fingerprint, model.Fingerprint);
    }

    [Fact]
    public void A_head_of_another_shape_is_told_as_well()
    {
        using LanguageModel model = Load(embeddings => embeddings.narrow(0, 0, 10).clone());

        Assert.Contains("'lm_head.weight'", Assert.Single(model.Remarks));
    }

    private LanguageModel Load(Func<Tensor, Tensor>? head)
    {
        Dictionary<string, Tensor> weights = TinyLlama.Weights(s_tied);
        if (head is not null)
        {
            weights.Add("lm_head.weight", head(weights["model.embed_tokens.weight"]));
        }
        s_tied.Save(_folder.Path);
        SafetensorsWriter.Write(Path.Combine(_folder.Path, ModelCheckpoint.SingleFileName), [.. weights]);
        return LanguageModel.Load(_folder.Path);
    }
}
