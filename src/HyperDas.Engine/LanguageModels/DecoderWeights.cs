using HyperDas.Engine.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <summary>All weights of a Llama, allocated first and filled name by name.</summary>
internal sealed class DecoderWeights : IDisposable
{
    private readonly List<DecoderBlockWeights> _blocks = [];

    private DecoderWeights(ModelConfig config, ScalarType dtype, Device device)
    {
        Embedding = empty([config.VocabularySize, config.HiddenSize], dtype: dtype, device: device).DetachFromDisposeScope();
        for (int i = 0; i < config.BlockCount; i++)
        {
            _blocks.Add(new DecoderBlockWeights(config, dtype, device));
        }
        FinalNorm = empty([config.HiddenSize], dtype: dtype, device: device).DetachFromDisposeScope();
        Head = config.TiedHead ? Embedding : empty([config.VocabularySize, config.HiddenSize], dtype: dtype, device: device).DetachFromDisposeScope();
    }

    /// <summary>Token embeddings, <c>[vocabulary, hidden]</c>.</summary>
    public Tensor Embedding { get; }

    /// <summary>The blocks in order.</summary>
    public IReadOnlyList<DecoderBlockWeights> Blocks => _blocks;

    /// <summary>Scale of the last normalisation, <c>[hidden]</c>.</summary>
    public Tensor FinalNorm { get; }

    /// <summary>Output head, <c>[vocabulary, hidden]</c>; the embeddings when tied.</summary>
    public Tensor Head { get; }

    /// <summary>Number of weights.</summary>
    public long ParameterCount => Named().Sum(n => n.Value.numel());

    /// <summary>The names and shapes of <see cref="Named"/>, without memory behind them.</summary>
    /// <param name="config">The model's shape.</param>
    public static IEnumerable<(string Name, long[] Shape)> Shapes(ModelConfig config)
    {
        yield return ("model.embed_tokens.weight", [config.VocabularySize, config.HiddenSize]);
        for (int i = 0; i < config.BlockCount; i++)
        {
            foreach ((string name, long[] shape) in DecoderBlockWeights.Shapes(config))
            {
                yield return ($"model.layers.{i}.{name}", shape);
            }
        }
        yield return ("model.norm.weight", [config.HiddenSize]);
        if (!config.TiedHead)
        {
            yield return ("lm_head.weight", [config.VocabularySize, config.HiddenSize]);
        }
    }

    /// <summary>Allocates the weights and has each filled.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="dtype">Element type.</param>
    /// <param name="device">Where the weights live.</param>
    /// <param name="fill">Writes the tensor of a Hugging Face name into a destination of the expected shape.</param>
    public static DecoderWeights Create(ModelConfig config, ScalarType dtype, Device device, Action<string, Tensor> fill)
    {
        DecoderWeights weights = new(config, dtype, device);
        try
        {
            foreach ((string name, Tensor destination) in weights.Named())
            {
                fill(name, destination);
            }
            return weights;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>Every tensor under its Hugging Face name; the head only when it isn't tied.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Named()
    {
        yield return new("model.embed_tokens.weight", Embedding);
        for (int i = 0; i < _blocks.Count; i++)
        {
            foreach ((string name, Tensor tensor) in _blocks[i].Named())
            {
                yield return new($"model.layers.{i}.{name}", tensor);
            }
        }
        yield return new("model.norm.weight", FinalNorm);
        if (!ReferenceEquals(Head, Embedding))
        {
            yield return new("lm_head.weight", Head);
        }
    }

    public void Dispose()
    {
        Embedding.Dispose();
        FinalNorm.Dispose();
        Head.Dispose();
        foreach (DecoderBlockWeights block in _blocks)
        {
            block.Dispose();
        }
    }
}
