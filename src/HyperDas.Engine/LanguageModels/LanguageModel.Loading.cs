using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Checkpoints.Adapters;
using HyperDas.Engine.Checkpoints.Families;
using HyperDas.Engine.LanguageModels.ActivationFiles;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <content>Loading of models.</content>
public sealed partial class LanguageModel
{
    /// <summary>Loads a Hugging Face folder, tensor by tensor.</summary>
    /// <param name="folder">The folder with <c>config.json</c> and the weights, or a model's root in Hugging Face's cache.</param>
    /// <param name="dtype">Number format of the weights in memory.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>; or several of one kind, separated by commas, over which the blocks
    /// are distributed in order.</param>
    /// <param name="progress">Receives progress in bytes at every tensor.</param>
    /// <param name="cancellationToken">Checked between tensors.</param>
    /// <param name="format">An earlier choice of formats to keep; null to choose by <paramref name="dtype"/> and this machine.</param>
    /// <param name="adapter">Folder of a LoRA adapter to merge into the weights; null for none.</param>
    /// <param name="chatTemplate">Whether prompts are wrapped in the model's chat template.</param>
    /// <exception cref="HyperDasException">
    /// <c>ChatTemplateUnsupported</c>, <c>AdapterInvalid</c>, <c>AdapterMismatch</c>, <c>AdapterUnsupported</c>, <c>PathNotFound</c>,
    /// <c>PathAmbiguous</c>, <c>ModelConfigInvalid</c>, <c>ModelFormatUnsupported</c>, <c>CheckpointCorrupt</c>, <c>TensorNotFound</c>,
    /// <c>TensorShapeMismatch</c>, <c>TensorDtypeUnsupported</c>, <c>DeviceUnknown</c>, <c>CudaUnavailable</c>.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static LanguageModel Load(
        string folder,
        ModelDtype dtype = ModelDtype.Auto,
        string device = "cpu",
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellationToken = default,
        NumberFormat? format = null,
        string? adapter = null,
        bool chatTemplate = false)
    {
        IReadOnlyList<Device> devices = ComputeDevice.ParseAll(device);
        folder = HubFolder.Resolve(folder);
        // Before config.json, which such folders may lack.
        bool beside = IsBeside(folder, adapter);
        ModelCheckpoint.ThrowIfForeign(folder, beside);
        ModelConfig config = ModelConfigFile.Load(folder);
        BlockPlaces places = BlockPlaces.Of(config, devices);
        using ModelCheckpoint checkpoint = ModelCheckpoint.Open(folder, beside);
        using LoraAdapter? change = adapter is null ? null : LoraAdapter.Open(adapter, config);
        StoredNames names = StoredNames.Of(config, checkpoint);
        // Before the weights, which take longer.
        Tokenizer? wrapping = chatTemplate ? Tokenizer.Load(folder, chat: true) : null;
        format ??= FormatOf(config, checkpoint, WeightShapes.Count(config), dtype, devices[0].type);
        string activity = $"Loading {HubFolder.NameOf(checkpoint.Folder)}";
        // With an adapter, a head that is tied to the embeddings may become separate.
        ModelConfig shape = change?.Model ?? config;
        long done = 0, total = ModelFamily.Of(shape).Weights(shape).Sum(w => checkpoint.Entry(Stored(w.Name)).Length);
        DecoderWeights weights = DecoderWeights.Create(shape, NumberFormat.ToScalarType(format.Held), places, (usual, destination) =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            string name = Stored(usual);
            if (change?.Replace(usual, destination) != true)
            {
                checkpoint.LoadInto(name, destination);
            }
            change?.AddTo(usual, destination);
            done += checkpoint.Entry(name).Length;
            progress?.Report(new WorkProgress(activity, name, done, total));
        });
        string fingerprint = ModelFingerprint.Compute(
            config, names.Weights, (usual, start, count) => checkpoint.LoadRange(names[usual], start, count));
        return new LanguageModel(shape, checkpoint.Folder, weights, format, change?.Fingerprint(fingerprint) ?? fingerprint, wrapping)
        {
            Unread = names.Unread,
            HeadRemark = StoredHead.Remark(config, checkpoint),
            IsWrapping = chatTemplate,
            Adapter = change?.Folder,
            AdapterRemark = change?.Remark,
        };

        string Stored(string usual) => names[change?.SourceOf(usual) ?? usual];
    }

    /// <summary>Whether an adapter is the one beside a model's weights.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="adapter">The adapter's folder; null for none.</param>
    internal static bool IsBeside(string folder, string? adapter) => adapter is not null
        && System.IO.Path.TrimEndingDirectorySeparator(HubFolder.Resolve(
            folder)) == System.IO.Path.TrimEndingDirectorySeparator(HubFolder.Resolve(adapter));

    /// <summary>The number formats of a checkpoint's model on this machine.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="checkpoint">The stored weights.</param>
    /// <param name="weights">Number of weights.</param>
    /// <param name="asked">The requested format.</param>
    /// <param name="device">Device for the weights.</param>
    internal static NumberFormat FormatOf(
        ModelConfig config, ModelCheckpoint checkpoint, long weights, ModelDtype asked, DeviceType device) =>
        NumberFormat.Decide(asked, checkpoint.Entry(StoredNames.Embedding(config, checkpoint)).Dtype, weights, device);

    /// <summary>Loads the same model again with other number formats; the caller disposes it.</summary>
    /// <param name="format">An earlier choice of formats, e.g. on another machine.</param>
    /// <param name="progress">Receives progress in bytes at every tensor.</param>
    /// <param name="cancellationToken">Checked between tensors.</param>
    /// <exception cref="HyperDasException">As <see cref="Load"/>.</exception>
    public LanguageModel Reload(
        NumberFormat format, IProgress<WorkProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        LanguageModel model = Load(Path, device: Device, progress: progress, cancellationToken: cancellationToken, format: format,
            adapter: Adapter, chatTemplate: IsWrapping);
        return ActivationFiles is { } files ? model.KeepActivations(files.Path, files.ByteLimit) : model;
    }

    /// <summary>
    /// Makes trainings and scorings of this model look up hidden states in files before computing them, and store what they compute.
    /// </summary>
    /// <param name="folder">Absolute folder; null for memory only, the default.</param>
    /// <param name="byteLimit">Total size limit of the files, in bytes.</param>
    /// <returns>This model.</returns>
    /// <exception cref="HyperDasException"><c>OptionInvalid</c>, <c>PathInvalid</c>.</exception>
    public LanguageModel KeepActivations(string? folder, long byteLimit = ActivationFolder.DefaultByteLimit)
    {
        ActivationFolder? files = folder is null ? null : new ActivationFolder(folder, byteLimit);
        ActivationFiles?.Dispose();
        ActivationFiles = files;
        return this;
    }

    /// <summary>Creates a model from weights in memory, which are copied.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="weights">Tensors by Hugging Face name; they determine the device, and the embedding determines the number
    /// format.</param>
    /// <param name="path">The model's nominal path.</param>
    /// <param name="tokenizer">Its tokenizer; null for the one at <paramref name="path"/>, loaded when it is needed.</param>
    /// <param name="computed">Format of hidden states and products; null for that of the weights.</param>
    /// <param name="devices">Devices over which the blocks are distributed; null for that of the weights.</param>
    /// <exception cref="HyperDasException"><c>TensorNotFound</c>; <c>TensorShapeMismatch</c>.</exception>
    internal static LanguageModel FromWeights(
        ModelConfig config, IReadOnlyDictionary<string, Tensor> weights, string path, Tokenizer? tokenizer = null,
        ModelDtype? computed = null, IReadOnlyList<Device>? devices = null)
    {
        TorchRuntime.EnsureLoaded();
        using IDisposable frozen = no_grad();
        StoredWeight[] stored = [.. ModelFamily.Of(config).Weights(config)];
        Tensor embedding = Find(stored.First(w => w.Roles[0] == WeightRole.Embedding).Name);
        BlockPlaces places = BlockPlaces.Of(config, devices ?? [embedding.device]);
        DecoderWeights copies = DecoderWeights.Create(config, embedding.dtype, places, (name, destination) =>
        {
            Tensor source = Find(name);
            if (!source.shape.AsSpan().SequenceEqual(destination.shape))
            {
                throw new HyperDasException(
                    "TensorShapeMismatch",
                    HyperDasErrorKind.InvalidArgument,
                    $"Tensor '{name}' has shape [{string.Join(", ", source.shape)}]; the configuration requires [{string.Join(", ", destination.shape)}].",
                    name);
            }
            destination.copy_(source);
        });
        ModelDtype held = NumberFormat.FromScalarType(embedding.dtype);
        return new LanguageModel(
            config, path, copies, new NumberFormat(held, computed ?? held, "made in memory", Automatic: false), ModelFingerprint.Compute(
            config, stored, (name, start, count) => Find(name).reshape(-1).narrow(0, start, count)), tokenizer);

        Tensor Find(string name) => weights.TryGetValue(name, out Tensor? found)
            ? found
            : throw new HyperDasException("TensorNotFound", HyperDasErrorKind.NotFound, $"The weights lack the tensor '{name}'.", name);
    }
}
