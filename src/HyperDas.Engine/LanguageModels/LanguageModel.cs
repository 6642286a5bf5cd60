using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels.ActivationFiles;
using HyperDas.Engine.LanguageModels.Layers;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <summary>
/// The frozen target model: a decoder whose residual stream can be read and continued at any block. Hidden states are counted as
/// Hugging Face does: 0 = embeddings, i = output of block i (docs/methods.md#hidden-states-and-layers).
/// </summary>
public sealed partial class LanguageModel : ModelHandle
{
    private readonly DecoderWeights _weights;
    private readonly RotaryTables? _rotary, _localRotary;
    private readonly Tensor? _embeddingScale;
    private readonly Lazy<Tokenizer> _tokenizer;
    private readonly ScalarType _dtype;
    private readonly Device _device;

    private LanguageModel(
        ModelConfig config, string path, DecoderWeights weights, NumberFormat format, string fingerprint, Tokenizer? tokenizer = null)
    {
        Config = config;
        Path = path;
        _weights = weights;
        Format = format;
        _dtype = NumberFormat.ToScalarType(format.Computed);
        _device = weights.Embedding.device;
        int rotated = config.RotaryWidth ?? config.HeadWidth;
        _rotary = config.AnyBlock(b => b.Rotary == RotaryUse.Main)
            ? new RotaryTables(rotated, config.RopeTheta, config.RopeScaling, _device)
            : null;
        _localRotary = config.AnyBlock(b => b.Rotary == RotaryUse.Local)
            ? new RotaryTables(rotated, config.LocalRopeTheta, null, _device)
            : null;
        // In the weights' number format, as the families do it.
        _embeddingScale = config.EmbeddingScale == 1
            ? null
            : tensor((float)config.EmbeddingScale, _dtype, _device).DetachFromDisposeScope();
        ParameterCount = WeightShapes.Count(config);
        Fingerprint = fingerprint;
        // Not kept when it fails, so that a tokenizer that is put into the folder later is found.
        _tokenizer = tokenizer is null
            ? new Lazy<Tokenizer>(() => Tokenizer.Load(Path), LazyThreadSafetyMode.PublicationOnly)
            : new Lazy<Tokenizer>(tokenizer);
    }

    /// <summary>The model's shape.</summary>
    public ModelConfig Config { get; }

    /// <summary>The tokenizer beside the weights, read when it is first asked for: a model runs without one.</summary>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>, <c>TokenizerCorrupt</c>, <c>TokenizerUnsupported</c>.</exception>
    public Tokenizer Tokenizer => _tokenizer.Value;

    /// <inheritdoc/>
    public override string Name => HubFolder.NameOf(Path) + (Adapter is null
        ? ""
        : $"+{(Adapter == System.IO.Path.TrimEndingDirectorySeparator(Path) ? "adapter" : HubFolder.NameOf(Adapter))}");

    /// <inheritdoc/>
    public override string Path { get; }

    /// <inheritdoc/>
    public override string Architecture => Config.Family;

    /// <inheritdoc/>
    public override long ParameterCount { get; }

    /// <inheritdoc/>
    public override int HiddenSize => Config.HiddenSize;

    /// <inheritdoc/>
    public override int BlockCount => Config.BlockCount;

    /// <inheritdoc/>
    public override int VocabularySize => Config.VocabularySize;

    /// <inheritdoc/>
    public override ModelDtype Dtype => Format.Held;

    /// <inheritdoc/>
    public override ModelDtype ComputeDtype => Format.Computed;

    /// <summary>What the weights are held in, what is computed in, and why.</summary>
    public NumberFormat Format { get; }

    /// <inheritdoc/>
    public override string Device => Places.Name;

    /// <inheritdoc/>
    public override string Fingerprint { get; }

    /// <summary>
    /// Tensors of the checkpoint that nothing reads, buffers aside: a sign that the files hold another model than their configuration says.
    /// </summary>
    public IReadOnlyList<string> Unread { get; private init; } = [];

    /// <summary>Absolute folder of the LoRA adapter whose changes are in the weights; null for the model as it was published.</summary>
    public string? Adapter { get; private init; }

    /// <summary>Whether prompts are wrapped in the model's chat template (<see cref="Tokenizer.Chat"/>).</summary>
    public bool IsWrapping { get; private init; }

    private string? AdapterRemark { get; init; }

    /// <summary>What whoever loads the model should know of its files, in sentences.</summary>
    public IReadOnlyList<string> Remarks => [.. Config.Remarks, .. ((string?[])[AdapterRemark, HeadRemark, UnreadRemark]).OfType<string>()];

    /// <summary>
    /// Files that its hidden states are kept in between trainings, scorings and processes; null for memory alone. See
    /// <see cref="KeepActivations"/>.
    /// </summary>
    public ActivationFolder? ActivationFiles { get; private set; }

    /// <summary>Element type of hidden states and products. Weights may be held in another one.</summary>
    public ScalarType ScalarType => _dtype;

    /// <summary>
    /// Where hidden states, embeddings and head live, and where results are; with several devices the first one.
    /// </summary>
    public Device TorchDevice => _device;

    /// <summary>Where each block lives.</summary>
    internal BlockPlaces Places => _weights.Places;

    /// <summary>How often hidden states were handed from one device to another so far.</summary>
    internal long HandOvers { get; private set; }

    /// <summary>The blocks' weights in order.</summary>
    public IReadOnlyList<DecoderBlockWeights> Blocks => _weights.Blocks;

    /// <summary>Token embeddings, <c>[vocabulary, hidden]</c>.</summary>
    public Tensor EmbeddingWeight => _weights.Embedding;

    /// <summary>
    /// Every weight under the name that it has in the files, with its role where a stored tensor holds more than
    /// one; they belong to the model.
    /// </summary>
    public IEnumerable<KeyValuePair<string, Tensor>> NamedWeights => _weights.Named();

    /// <summary>A weight by its role.</summary>
    /// <param name="role">The role.</param>
    /// <param name="block">0-based index of the block; -1 outside of blocks.</param>
    /// <returns>It belongs to the model; null where the family has none.</returns>
    public Tensor? Weight(WeightRole role, int block = -1) => _weights.Find(role, block);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            ActivationFiles?.Dispose();
            _weights.Dispose();
            _rotary?.Dispose();
            _localRotary?.Dispose();
            _embeddingScale?.Dispose();
        }
    }

    private string? HeadRemark { get; init; }

    private string? UnreadRemark
    {
        get
        {
            const int Named = 5;
            string names = string.Join(", ", Unread.Take(Named).Select(n => $"'{n}'"));
            string more = Unread.Count > Named ? $" and {Unread.Count - Named} more" : "";
            return Unread.Count == 0 ? null
                : $"Nothing reads the {(Unread.Count == 1 ? "tensor" : "tensors")} {names}{more} of '{Name}': if the model was trained with them, it computes something else here.";
        }
    }
}
