using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Checkpoints.Families;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <summary>All weights of a language model, allocated first and filled tensor by tensor of the checkpoint.</summary>
internal sealed class DecoderWeights : IDisposable
{
    private readonly List<DecoderBlockWeights> _blocks = [];
    private readonly Dictionary<WeightRole, Tensor> _outside = [];
    private readonly ModelConfig _config;

    private DecoderWeights(ModelConfig config, ScalarType dtype, BlockPlaces places)
    {
        _config = config;
        Places = places;
        Device device = places.Devices[0];
        Allocate(WeightRole.Embedding, true);
        Allocate(WeightRole.Positions, config.LearnedPositions);
        for (int i = 0; i < config.BlockCount; i++)
        {
            _blocks.Add(new DecoderBlockWeights(config, config.BlockAt(i), dtype, places.Devices[places[i]]));
        }
        Allocate(WeightRole.FinalNorm, true);
        Allocate(WeightRole.FinalNormBias, config.Block.Norm == NormKind.Layer);
        Allocate(WeightRole.Head, !config.TiedHead);

        void Allocate(WeightRole role, bool has)
        {
            if (has)
            {
                _outside.Add(role, empty(WeightShapes.Of(config, role), dtype: dtype, device: device).DetachFromDisposeScope());
            }
        }
    }

    /// <summary>Devices of the blocks.</summary>
    public BlockPlaces Places { get; }

    /// <summary>Token embeddings, <c>[vocabulary, hidden]</c>.</summary>
    public Tensor Embedding => _outside[WeightRole.Embedding];

    /// <summary>Learned positions, <c>[positions, hidden]</c>, or null.</summary>
    public Tensor? Positions => _outside.GetValueOrDefault(WeightRole.Positions);

    /// <summary>The blocks in order.</summary>
    public IReadOnlyList<DecoderBlockWeights> Blocks => _blocks;

    /// <summary>Scale of the last normalisation, <c>[hidden]</c>.</summary>
    public Tensor FinalNorm => _outside[WeightRole.FinalNorm];

    /// <summary>Its bias, <c>[hidden]</c>, or null.</summary>
    public Tensor? FinalNormBias => _outside.GetValueOrDefault(WeightRole.FinalNormBias);

    /// <summary>Output head, <c>[vocabulary, hidden]</c>; the embeddings when tied.</summary>
    public Tensor Head => _outside.GetValueOrDefault(WeightRole.Head) ?? Embedding;

    /// <summary>Allocates the weights and fills them.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="dtype">Element type.</param>
    /// <param name="places">Devices of the blocks; everything else is on the first device.</param>
    /// <param name="fill">Writes the stored tensor with a name into a destination of the shape that it has in the file.</param>
    public static DecoderWeights Create(ModelConfig config, ScalarType dtype, BlockPlaces places, Action<string, Tensor> fill)
    {
        DecoderWeights weights = new(config, dtype, places);
        try
        {
            foreach (StoredWeight stored in ModelFamily.Of(config).Weights(config))
            {
                weights.Fill(stored, fill);
            }
            return weights;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>A weight by its role.</summary>
    /// <param name="role">The role.</param>
    /// <param name="block">0-based index of the block; -1 outside blocks.</param>
    /// <returns>The weight, which belongs to the model; null if the model has none.</returns>
    public Tensor? Find(WeightRole role, int block = -1) => (block < 0 ? _outside : _blocks[block].Parts).GetValueOrDefault(role);

    /// <summary>Every weight under its name (<see cref="StoredWeight.NamesByRole"/>).</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Named() => StoredWeight.NamesByRole(ModelFamily.Of(_config).Weights(_config))
        .Select(named => new KeyValuePair<string, Tensor>(named.Value, Find(named.Key.Role, named.Key.Block)!));

    public void Dispose()
    {
        foreach (Tensor tensor in _outside.Values)
        {
            tensor.Dispose();
        }
        foreach (DecoderBlockWeights block in _blocks)
        {
            block.Dispose();
        }
    }

    private void Fill(StoredWeight stored, Action<string, Tensor> fill)
    {
        Tensor? whole = stored.Block < 0 ? Find(stored.Roles[0]) : _blocks[stored.Block].Find(stored.Roles);
        if (stored.Layout == WeightLayout.Rows && whole is not null)
        {
            fill(stored.Name, whole);
            return;
        }
        using DisposeScope scope = NewDisposeScope();
        Tensor first = Find(stored.Roles[0], stored.Block)!;
        Tensor asStored = empty(stored.Shape(_config), dtype: first.dtype, device: first.device);
        fill(stored.Name, asStored);
        Tensor[] parts = StoredLayout.Split(stored, _config, asStored);
        for (int i = 0; i < parts.Length; i++)
        {
            Find(stored.Roles[i], stored.Block)!.copy_(parts[i]);
        }
    }
}
