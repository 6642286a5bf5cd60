using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels.Layers;
using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training.Pretraining;

/// <summary>
/// A Llama with tied embeddings whose weights can be trained: float32 leaves, cast in every step to the format that the matrix products run
/// in, so that the optimiser sees float32 gradients. Projections that are applied together are one matrix.
/// </summary>
internal sealed class TrainableDecoder : IDisposable
{
    private readonly ScalarType _computed;
    private readonly ModelConfig _config;
    private readonly TrainableTensor _embedding;
    private readonly TrainableTensor _norm;
    private readonly Block[] _blocks;
    private readonly Tensor _inverseFrequencies;

    /// <summary>Draws starting weights.</summary>
    /// <param name="config">Shape; the head is tied.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <param name="computed">Format of products and hidden states.</param>
    public TrainableDecoder(ModelConfig config, long seed, ModelDtype computed)
    {
        _config = config;
        _computed = NumberFormat.ToScalarType(computed);
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new((ulong)seed, CPU);
        int hidden = config.HiddenSize, attended = config.HeadCount * config.HeadWidth, grouped = config.KeyValueHeadCount * config.HeadWidth;
        // Half the usual 1/√inputs; what is added to the residual stream shrinks with the depth, as in GPT-2.
        double deviation = 0.5 / Math.Sqrt(hidden), shrink = 1 / Math.Sqrt(2.0 * config.BlockCount);
        _embedding = Add("model.embed_tokens.weight", Initialise.Normal(config.VocabularySize, hidden, 0.05, generator));
        _blocks =
        [
            .. Enumerable.Range(0, config.BlockCount).Select(i => $"model.layers.{i}.").Select(name => new Block(
                Add(name + "input_layernorm.weight", ones(hidden)),
                Store.Add(ParameterGroup.Main,
                [
                    (name + "self_attn.q_proj.weight", Initialise.Normal(attended, hidden, deviation, generator)),
                    (name + "self_attn.k_proj.weight", Initialise.Normal(grouped, hidden, deviation, generator)),
                    (name + "self_attn.v_proj.weight", Initialise.Normal(grouped, hidden, deviation, generator)),
                ]),
                Add(name + "self_attn.o_proj.weight", Initialise.Normal(hidden, attended, shrink * 0.5 / Math.Sqrt(attended), generator)),
                Add(name + "post_attention_layernorm.weight", ones(hidden)),
                Store.Add(ParameterGroup.Main,
                [
                    (name + "mlp.gate_proj.weight", Initialise.Normal(config.InnerWidth, hidden, deviation, generator)),
                    (name + "mlp.up_proj.weight", Initialise.Normal(config.InnerWidth, hidden, deviation, generator)),
                ]),
                Add(name + "mlp.down_proj.weight", Initialise.Normal(hidden, config.InnerWidth, shrink * 0.5 / Math.Sqrt(config.InnerWidth), generator)))),
        ];
        _norm = Add("model.norm.weight", ones(hidden));
        Store.Seal();
        _inverseFrequencies = tensor(RotaryEmbedding.InverseFrequencies(config.HeadWidth, config.RopeTheta)).DetachFromDisposeScope();
    }

    /// <summary>Format of products and hidden states.</summary>
    public ModelDtype Computed => NumberFormat.FromScalarType(_computed);

    /// <summary>The weights, under their Hugging Face names.</summary>
    public ParameterStore Store { get; } = new(CPU);

    /// <summary>Logits of the rows that carry loss.</summary>
    /// <param name="batch">Token ids, what each query may see in each block, and the rows.</param>
    /// <returns><c>[rows, vocabulary]</c>, float32.</returns>
    public Tensor Forward(PretrainingBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        long count = batch.Ids.shape[0], length = batch.Ids.shape[1];
        RotaryTable rotary = Rotary(length);
        Tensor x = _embedding.Value.index_select(0, batch.Ids.view(-1)).to_type(_computed).view(count, length, -1);
        for (int i = 0; i < _blocks.Length; i++)
        {
            if (i == batch.ReadingBlock && batch.Swap is not null)
            {
                x = batch.Swap.Apply(x);
            }
            bool last = i == _blocks.Length - 1;
            Tensor mask = i < batch.ReadingBlock ? batch.MaskBelow : batch.MaskAbove;
            x = Run(_blocks[i], x, rotary, mask, last ? batch.Rows : null, i < batch.ReadingBlock ? null : batch.FeedForwardScale);
        }
        Tensor normed = RmsNorm.Apply(x, Cast(_norm), _config.RmsNormEpsilon);
        return normed.matmul(Cast(_embedding).t()).to_type(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Store.Dispose();
        _inverseFrequencies.Dispose();
    }

    private Tensor Cast(TrainableTensor weight) => weight.Value.to_type(_computed);

    private TrainableTensor Add(string name, Tensor initial) => Store.Add(name, ParameterGroup.Main, initial);

    // [positions, 1, headWidth].
    private RotaryTable Rotary(long length)
    {
        RotaryTable table = RotaryEmbedding.Table(arange(length), _inverseFrequencies, _computed);
        return new RotaryTable(table.Cos.unsqueeze(1), table.Sin.unsqueeze(1));
    }

    // x [batch, sequence, hidden]. With rows, what follows the attention runs for those only: [rows, hidden].
    private Tensor Run(Block block, Tensor x, RotaryTable rotary, Tensor mask, Tensor? rows, Tensor? feedForwardScale)
    {
        using DisposeScope scope = NewDisposeScope();
        long batch = x.shape[0], length = x.shape[1];
        int heads = _config.HeadCount, groups = _config.KeyValueHeadCount, width = _config.HeadWidth;
        Tensor projected = RmsNorm.Apply(x, Cast(block.Norm1), _config.RmsNormEpsilon).matmul(Cast(block.QueryKeyValue).t()).view(batch, length, -1, width);
        Tensor queriesAndKeys = projected.narrow(2, 0, heads + groups);
        Tensor turned = RotaryEmbedding.Apply(queriesAndKeys, rotary).transpose(1, 2);
        Tensor values = projected.narrow(2, heads + groups, groups).transpose(1, 2);
        Tensor mixed = Attention.Apply(turned.narrow(1, 0, heads), turned.narrow(1, heads, groups), values, mask);
        if (rows is not null)
        {
            x = x.view(-1, _config.HiddenSize).index_select(0, rows);
            mixed = mixed.view(-1, heads * width).index_select(0, rows);
            feedForwardScale = feedForwardScale?.expand(batch, length, 1).reshape(-1, 1).index_select(0, rows);
        }
        Tensor middle = x + mixed.matmul(Cast(block.Output).t());
        Tensor inner = RmsNorm.Apply(middle, Cast(block.Norm2), _config.RmsNormEpsilon).matmul(Cast(block.GateUp).t());
        Tensor gated = nn.functional.silu(inner.narrow(-1, 0, _config.InnerWidth)) * inner.narrow(-1, _config.InnerWidth, _config.InnerWidth);
        Tensor change = gated.matmul(Cast(block.Down).t());
        return (middle + (feedForwardScale is null ? change : change * feedForwardScale.to_type(_computed))).MoveToOuterDisposeScope();
    }

    private sealed record Block(
        TrainableTensor Norm1,
        TrainableTensor QueryKeyValue,
        TrainableTensor Output,
        TrainableTensor Norm2,
        TrainableTensor GateUp,
        TrainableTensor Down);
}
