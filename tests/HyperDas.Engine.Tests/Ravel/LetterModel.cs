using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Tests.Tokenization;
using HyperDas.Engine.Tokenization;
using TorchSharp;

namespace HyperDas.Engine.Tests.Ravel;

/// <summary>A Llama with random weights that answers in small letters, one token each, so that its answers are texts.</summary>
internal static class LetterModel
{
    internal static LanguageModel Create()
    {
        Tokenizer tokenizer = TinyTokenizer.Build([]);
        ModelConfig config = TinyLlama.Config with
        {
            VocabularySize = tokenizer.VocabularySize, BosTokenId = tokenizer.BosId, EosTokenIds = [tokenizer.EosId]
        };
        using DisposeScope scope = torch.NewDisposeScope();
        Dictionary<string, torch.Tensor> weights = TinyLlama.Weights(config);
        torch.Tensor head = weights["lm_head.weight"];
        head.narrow(0, 0, 'a').zero_();
        head.narrow(0, 'z' + 1, config.VocabularySize - 'z' - 1).zero_();
        return LanguageModel.FromWeights(config, weights, "letters", tokenizer);
    }
}
