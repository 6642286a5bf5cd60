using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Checkpoints.Families;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.LanguageModels.Layers;
using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training.Pretraining;

/// <summary>
/// A language model with tied embeddings and trainable weights: float32 leaves, cast in every step to the format of the matrix products, so
/// the optimiser receives float32 gradients. Its blocks are computed like those of a loaded model.
/// </summary>
internal sealed class TrainableDecoder : IDisposable
{
    private readonly ScalarType _computed;
    private readonly ModelConfig _config;
    private readonly Dictionary<(WeightRole First, int Block), TrainableTensor> _weights = [];
    private readonly RotaryTables? _main, _local;

    /// <summary>Draws initial weights.</summary>
    /// <param name="config">Shape; the head is tied.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <param name="computed">Format of products and hidden states.</param>
    public TrainableDecoder(ModelConfig config, long seed, ModelDtype computed)
    {
        _config = config;
        _computed = NumberFormat.ToScalarType(computed);
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new((ulong)seed, CPU);
        DecoderStart start = new(config, generator);
        Dictionary<(WeightRole, int), string> names = StoredWeight.NamesByRole(ModelFamily.Of(config).Weights(config));
        Add(-1, WeightRole.Embedding);
        if (config.LearnedPositions)
        {
            Add(-1, WeightRole.Positions);
        }
        for (int i = 0; i < config.BlockCount; i++)
        {
            foreach (WeightRole[] together in DecoderBlockWeights.Joined(config.BlockAt(i)))
            {
                Add(i, together);
            }
        }
        Add(-1, WeightRole.FinalNorm);
        if (config.Block.Norm == NormKind.Layer)
        {
            Add(-1, WeightRole.FinalNormBias);
        }
        Store.Seal();
        int rotated = config.RotaryWidth ?? config.HeadWidth;
        _main = config.AnyBlock(b => b.Rotary == RotaryUse.Main)
            ? new RotaryTables(rotated, config.RopeTheta, config.RopeScaling, CPU)
            : null;
        _local = config.AnyBlock(b => b.Rotary == RotaryUse.Local) ? new RotaryTables(rotated, config.LocalRopeTheta, null, CPU) : null;

        void Add(int block, params WeightRole[] roles) =>
            _weights.Add(
                (roles[0], block), Store.Add(ParameterGroup.Main, [.. roles.Select(role => (names[(role, block)], start.Of(role)))]));
    }

    /// <summary>Format of products and hidden states.</summary>
    public ModelDtype Computed => NumberFormat.FromScalarType(_computed);

    /// <summary>The weights, under their names in the model's files (<see cref="StoredWeight.NamesByRole"/>).</summary>
    public ParameterStore Store { get; } = new(CPU);

    /// <summary>Logits of the rows that contribute to the loss.</summary>
    /// <param name="batch">Token ids, masks for each block, and the rows.</param>
    /// <returns><c>[rows, vocabulary]</c>, float32.</returns>
    /// <exception cref="HyperDasException"><c>PromptTooLong</c>: a text that the model has no positions for.</exception>
    public Tensor Forward(PretrainingBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        long count = batch.Ids.shape[0], length = batch.Ids.shape[1];
        Tensor positions = arange(length).unsqueeze(0);
        RotaryTable? main = _main?.Of(positions, _computed), local = _local?.Of(positions, _computed);
        BlockContext below = BlockContext.Of(main, local, null, batch.MaskBelow),
            above = BlockContext.Of(main, local, null, batch.MaskAbove);
        Tensor x = Embed(batch.Ids, length);
        for (int i = 0; i < _config.BlockCount; i++)
        {
            if (i == batch.ReadingBlock && batch.Swap is not null)
            {
                x = batch.Swap.Apply(x);
            }
            bool reads = i >= batch.ReadingBlock;
            x = Run(
                Block(i), x, reads ? above : below, i == _config.BlockCount - 1 ? batch.Rows : null, reads ? batch.FeedForwardScale : null);
        }
        Tensor? bias = _config.Block.Norm == NormKind.Layer ? Cast(WeightRole.FinalNormBias) : null;
        Tensor normed = Norms.Apply(_config.Block.Norm, x, Cast(WeightRole.FinalNorm), bias, _config.NormEpsilon);
        Tensor logits = normed.matmul(Cast(WeightRole.Embedding).t());
        logits = _config.LogitDivisor == 1 ? logits : logits / _config.LogitDivisor;
        logits = _config.LogitCap is { } cap ? (logits / cap).tanh() * cap : logits;
        return logits.to_type(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Store.Dispose();
        _main?.Dispose();
        _local?.Dispose();
    }

    private Tensor Cast(WeightRole role, int block = -1) => _weights[(role, block)].Value.to_type(_computed);

    private DecoderBlock Block(int index) => new(
        _config, _config.BlockAt(index),
        new BlockTensors(_config.BlockAt(index), role => Cast(role, index), roles => Cast(roles[0], index)));

    // [batch, sequence, hidden].
    private Tensor Embed(Tensor ids, long length)
    {
        Tensor x = _weights[(WeightRole.Embedding, -1)].Value.index_select(0, ids.view(-1)).to_type(_computed)
            .view(ids.shape[0], length, -1);
        x = _config.EmbeddingScale == 1 ? x : x * _config.EmbeddingScale;
        if (!_config.LearnedPositions)
        {
            return x;
        }
        return length <= _config.MaxPositions
            ? x + Cast(WeightRole.Positions).narrow(0, 0, length)
            : throw new HyperDasException(
                "PromptTooLong", HyperDasErrorKind.InvalidData,
                $"A text has {length} tokens; the model has only {_config.MaxPositions} positions.", length);
    }

    // x [batch, sequence, hidden]. With rows, what follows the attention runs for those only: [rows, hidden].
    private static Tensor Run(DecoderBlock block, Tensor x, BlockContext context, Tensor? rows, Tensor? feedForwardScale)
    {
        using DisposeScope scope = NewDisposeScope();
        long batch = x.shape[0], length = x.shape[1];
        Tensor mixed = block.Mix(x, context);
        if (rows is not null)
        {
            x = x.view(-1, x.shape[2]).index_select(0, rows);
            mixed = mixed.view(-1, mixed.shape[2]).index_select(0, rows);
            feedForwardScale = feedForwardScale?.expand(batch, length, 1).reshape(-1, 1).index_select(0, rows);
        }
        return block.Finish(x, mixed, feedForwardScale?.to_type(mixed.dtype)).MoveToOuterDisposeScope();
    }
}
