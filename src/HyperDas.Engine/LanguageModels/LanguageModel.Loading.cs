using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels.ActivationFiles;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <content>How a model comes into memory.</content>
public sealed partial class LanguageModel
{
    /// <summary>Loads a Hugging Face folder, tensor by tensor.</summary>
    /// <param name="folder">The folder with <c>config.json</c> and the weights.</param>
    /// <param name="dtype">Number format to hold the weights in; null: as stored (float16 and float64 become float32).</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <param name="progress">Told of every tensor, in bytes.</param>
    /// <param name="cancellationToken">Stops between two tensors.</param>
    /// <exception cref="HyperDasException">
    /// <c>PathNotFound</c>, <c>ModelConfigInvalid</c>, <c>ModelFormatUnsupported</c>, <c>CheckpointCorrupt</c>, <c>TensorNotFound</c>,
    /// <c>TensorShapeMismatch</c>, <c>TensorDtypeUnsupported</c>, <c>DeviceUnknown</c>, <c>CudaUnavailable</c>.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static LanguageModel Load(
        string folder,
        ModelDtype? dtype = null,
        string device = "cpu",
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        Device target = ComputeDevice.Parse(device);
        ModelConfig config = ModelConfig.Load(folder);
        using ModelCheckpoint checkpoint = ModelCheckpoint.Open(folder);
        // Before any memory is taken: a configuration may ask for more than there is.
        foreach ((string name, long[] shape) in DecoderWeights.Shapes(config))
        {
            checkpoint.ThrowIfUnfit(name, shape);
        }
        ScalarType type = HeldAs(checkpoint, dtype);
        string activity = $"Loading {System.IO.Path.GetFileName(checkpoint.Folder)}";
        long done = 0, total = checkpoint.Names.Sum(n => checkpoint.Entry(n).Length);
        DecoderWeights weights = DecoderWeights.Create(config, type, target, (name, destination) =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            checkpoint.LoadInto(name, destination);
            done += checkpoint.Entry(name).Length;
            progress?.Report(new WorkProgress(activity, name, done, total));
        });
        return new LanguageModel(config, checkpoint.Folder, weights, ModelFingerprint.Compute(config, weights.Named(), checkpoint.LoadRange));
    }

    /// <summary>The number format that weights are held in.</summary>
    /// <param name="checkpoint">The stored weights.</param>
    /// <param name="asked">What was asked for; null: as stored (float16 and float64 become float32).</param>
    internal static ScalarType HeldAs(ModelCheckpoint checkpoint, ModelDtype? asked) =>
        asked is { } dtype ? ToScalarType(dtype) : checkpoint.Entry("model.embed_tokens.weight").Dtype == ScalarType.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;

    /// <summary>From now on trainings and scorings of this model look for hidden states in files before they compute them, and keep what they compute.</summary>
    /// <param name="folder">Absolute folder; null: in memory alone, as before.</param>
    /// <param name="byteLimit">Size of the files together, in bytes.</param>
    /// <returns>This.</returns>
    /// <exception cref="HyperDasException"><c>OptionInvalid</c>, <c>PathInvalid</c>.</exception>
    public LanguageModel KeepActivations(string? folder, long byteLimit = ActivationFolder.DefaultByteLimit)
    {
        ActivationFolder? files = folder is null ? null : new ActivationFolder(folder, byteLimit);
        ActivationFiles?.Dispose();
        ActivationFiles = files;
        return this;
    }

    /// <summary>Makes a model from weights in memory, which are copied.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="weights">Tensors by Hugging Face name; they decide the device, and the embedding decides the number format.</param>
    /// <param name="path">The path that the model shall claim to come from.</param>
    /// <param name="tokenizer">Its tokenizer; null: the one at <paramref name="path"/>, when it is needed.</param>
    /// <exception cref="HyperDasException"><c>TensorNotFound</c>; <c>TensorShapeMismatch</c>.</exception>
    internal static LanguageModel FromWeights(ModelConfig config, IReadOnlyDictionary<string, Tensor> weights, string path, Tokenizer? tokenizer = null)
    {
        TorchRuntime.EnsureLoaded();
        using IDisposable frozen = no_grad();
        Tensor embedding = Find("model.embed_tokens.weight");
        DecoderWeights copies = DecoderWeights.Create(config, embedding.dtype, embedding.device, (name, destination) =>
        {
            Tensor source = Find(name);
            if (!source.shape.AsSpan().SequenceEqual(destination.shape))
            {
                throw new HyperDasException(
                    "TensorShapeMismatch",
                    HyperDasErrorKind.InvalidArgument,
                    $"Tensor '{name}' has shape [{string.Join(", ", source.shape)}]; the configuration asks for [{string.Join(", ", destination.shape)}].",
                    name);
            }
            destination.copy_(source);
        });
        return new LanguageModel(config, path, copies, ModelFingerprint.Compute(
            config, copies.Named(), (name, start, count) => Find(name).reshape(-1).narrow(0, start, count)), tokenizer);

        Tensor Find(string name) => weights.TryGetValue(name, out Tensor? found)
            ? found
            : throw new HyperDasException("TensorNotFound", HyperDasErrorKind.NotFound, $"The weights lack the tensor '{name}'.", name);
    }

    private static ScalarType ToScalarType(ModelDtype dtype) => dtype == ModelDtype.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
}
