using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels.ActivationFiles;
using HyperDas.Engine.LanguageModels.Layers;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Tokenization;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <summary>
/// The frozen target model: a decoder whose residual stream can be read and continued at any block. Hidden states are numbered as in
/// Hugging Face: 0 = embeddings, i = output of block i (docs/methods.md#hidden-states-and-layers).
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
        // In the weights' number format, as in the families' reference code.
        _embeddingScale = config.EmbeddingScale == 1
            ? null
            : tensor((float)config.EmbeddingScale, _dtype, _device).DetachFromDisposeScope();
        ParameterCount = WeightShapes.Count(config);
        Fingerprint = fingerprint;
        // A failure isn't cached: a tokenizer that is added to the folder later is found.
        _tokenizer = tokenizer is null
            ? new Lazy<Tokenizer>(() => Tokenizer.Load(Path), LazyThreadSafetyMode.PublicationOnly)
            : new Lazy<Tokenizer>(tokenizer);
    }

    /// <summary>The model's shape.</summary>
    public ModelConfig Config { get; }

    /// <summary>The tokenizer beside the weights, loaded on first use: a model can run without one.</summary>
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

    /// <summary>The number formats of weights and computation, with the reason.</summary>
    public NumberFormat Format { get; }

    /// <inheritdoc/>
    public override string Device => Places.Name;

    /// <inheritdoc/>
    public override string Fingerprint { get; }

    /// <summary>
    /// Unused tensors of the checkpoint, apart from buffers: a sign that the files contain a different model from the one in their
    /// configuration.
    /// </summary>
    public IReadOnlyList<string> Unread { get; private init; } = [];

    /// <summary>Absolute folder of the LoRA adapter merged into the weights; null for the published model.</summary>
    public string? Adapter { get; private init; }

    /// <summary>Whether prompts are wrapped in the model's chat template (<see cref="Tokenizer.Chat"/>).</summary>
    public bool IsWrapping { get; private init; }

    private string? AdapterRemark { get; init; }

    /// <summary>Remarks about the model's files, in sentences, for whoever loads it.</summary>
    public IReadOnlyList<string> Remarks =>
        [.. Config.Remarks, .. ((string?[])[AdapterRemark, HeadRemark, UnreadRemark, EndRemark()]).OfType<string>()];

    /// <summary>
    /// Files that store its hidden states between trainings, scorings and processes; null for memory only. See
    /// <see cref="KeepActivations"/>.
    /// </summary>
    public ActivationFolder? ActivationFiles { get; private set; }

    /// <summary>Element type of hidden states and products. Weights may have another one.</summary>
    public ScalarType ScalarType => _dtype;

    /// <summary>Device of hidden states, embeddings, head and results; with several devices the first one.</summary>
    public Device TorchDevice => _device;

    /// <summary>Device of each block.</summary>
    internal BlockPlaces Places => _weights.Places;

    /// <summary>Number of times that hidden states were copied from one device to another so far.</summary>
    internal long HandOvers { get; private set; }

    /// <summary>The blocks' weights in order.</summary>
    public IReadOnlyList<DecoderBlockWeights> Blocks => _weights.Blocks;

    /// <summary>Token embeddings, <c>[vocabulary, hidden]</c>.</summary>
    public Tensor EmbeddingWeight => _weights.Embedding;

    /// <summary>
    /// Every weight under its name in the files, with its role if a stored tensor contains several; they belong to the model.
    /// </summary>
    public IEnumerable<KeyValuePair<string, Tensor>> NamedWeights => _weights.Named();

    /// <summary>A weight by its role.</summary>
    /// <param name="role">The role.</param>
    /// <param name="block">0-based index of the block; -1 outside blocks.</param>
    /// <returns>The weight, which belongs to the model; null if the family has none.</returns>
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
                : $"The {(Unread.Count == 1 ? "tensor" : "tensors")} {names}{more} of '{Name}' {(Unread.Count == 1 ? "isn't" : "aren't")} used: if the model was trained with {(Unread.Count == 1 ? "it" : "them")}, its results are different here.";
        }
    }
}
