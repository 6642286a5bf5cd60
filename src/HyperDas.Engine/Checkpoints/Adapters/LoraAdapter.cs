using System.Security.Cryptography;
using System.Text;
using HyperDas.Engine.Checkpoints.Pickle;
using HyperDas.Engine.Files;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Checkpoints.Adapters;

/// <summary>
/// A LoRA adapter as PEFT saves it: for some linear layers W, <c>[outputs, inputs]</c>, the factors B, <c>[outputs, r]</c>, and A,
/// <c>[r, inputs]</c>; the layer uses W + scale · B A (Hu et al. 2021). The factors of embeddings, <c>[tokens, hidden]</c>, belong to the
/// transposed table. Layers that were trained in full replace the model's.
/// </summary>
internal sealed class LoraAdapter : IDisposable
{
    /// <summary>Name of the file with the factors.</summary>
    public const string FileName = AdapterConfig.TensorsFileName;

    /// <summary>The same file as torch.save writes it.</summary>
    public const string TorchFileName = "adapter_model.bin";

    // Products are added, and values hashed, in pieces of about this many values.
    private const long PieceValues = 1 << 22;

    private readonly TensorFile _file;
    private readonly AdapterConfig _config;
    private readonly AdapterChanges _changes;

    private LoraAdapter(string folder, AdapterConfig config, TensorFile file, ModelConfig model)
    {
        (Folder, _config, _file) = (folder, config, file);
        _changes = AdapterChanges.Of(folder, file, config, model);
    }

    /// <summary>Absolute path of its folder.</summary>
    public string Folder { get; }

    /// <summary>A remark about its files for the user; null when all keys are known.</summary>
    public string? Remark => _config.Remark;

    /// <summary>The model's shape with the adapter: a head that was tied to the embeddings may be separate.</summary>
    public ModelConfig Model => _changes.Model;

    /// <summary>Opens an adapter and checks that it fits a model. Only headers are read.</summary>
    /// <param name="folder">Its folder, or its root in Hugging Face's cache.</param>
    /// <param name="model">The model's shape.</param>
    /// <exception cref="HyperDasException">
    /// <c>PathNotFound</c>, <c>PathAmbiguous</c>, <c>AdapterInvalid</c>, <c>AdapterUnsupported</c>, <c>AdapterMismatch</c>,
    /// <c>CheckpointCorrupt</c>, <c>CheckpointUnsafe</c>, <c>ModelFormatUnsupported</c>, <c>FileIsPointer</c>.
    /// </exception>
    public static LoraAdapter Open(string folder, ModelConfig model)
    {
        folder = Path.TrimEndingDirectorySeparator(HubFolder.Resolve(folder));
        AdapterConfig config = AdapterConfig.Read(folder);
        string? path = ((string[])[FileName, TorchFileName]).Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        if (path is null)
        {
            throw new HyperDasException(
                "PathNotFound", HyperDasErrorKind.NotFound,
                $"'{folder}' has neither {FileName} nor {TorchFileName}; an adapter needs one of them.",
                folder);
        }
        StandIn.ThrowIfPointer(path);
        TensorFile file = Path.GetFileName(path) == TorchFileName ? TorchFile.Open(path) : SafetensorsFile.Open(path);
        try
        {
            return new LoraAdapter(folder, config, file, model);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Usual name of the base model's tensor from which a tensor starts: the same name, or the embeddings for an untied head.
    /// </summary>
    /// <param name="usual">Usual name of a tensor of <see cref="Model"/>.</param>
    public string SourceOf(string usual) => usual == _changes.UntiedHead ? _changes.Embedding : usual;

    /// <summary>Writes the values that replace the model's; does nothing for a tensor that keeps the model's values.</summary>
    /// <param name="usual">Usual name of the stored tensor.</param>
    /// <param name="destination">The tensor in the shape of the file, of any element type and on any device.</param>
    /// <returns>Whether the adapter replaces the tensor.</returns>
    public bool Replace(string usual, Tensor destination)
    {
        string? name = _changes.Find(usual)?.Replacement ?? _changes.Find(SourceOf(usual))?.Own;
        if (name is not null)
        {
            _file.LoadInto(name, destination);
        }
        return name is not null;
    }

    /// <summary>Adds the product of the factors to a tensor, in float32; does nothing for a tensor without factors.</summary>
    /// <param name="usual">Usual name of the stored tensor.</param>
    /// <param name="destination">The tensor in the shape of the file, of any element type and on any device.</param>
    public void AddTo(string usual, Tensor destination)
    {
        if (_changes.Find(usual) is not { Factors: var (nameA, nameB) } change)
        {
            return;
        }
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor a = _file.Load(nameA, ScalarType.Float32, destination.device),
            b = _file.Load(nameB, ScalarType.Float32, destination.device);
        // Stored transposed: A^T B^T is added to W^T.
        (Tensor left, Tensor right) = change.IsTransposed ? (a.t(), b.t()) : (b, a);
        long rows = destination.shape[0], step = Math.Max(1, PieceValues / destination.shape[1]);
        for (long start = 0; start < rows; start += step)
        {
            using DisposeScope piece = NewDisposeScope();
            long count = Math.Min(step, rows - start);
            Tensor target = destination.narrow(0, start, count);
            target.copy_(target.to_type(ScalarType.Float32) + (left.narrow(0, start, count).mm(right) * change.Scale));
        }
    }

    /// <summary>Identifies a model with this adapter: SHA-256 over the base model's fingerprint, the scales and all tensors.</summary>
    /// <param name="fingerprint">The base model's.</param>
    public string Fingerprint(string fingerprint)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"hyperdas-lora-1\n{fingerprint}\n{_config.Scale:R}")));
        foreach (AdapterChange change in _changes.All)
        {
            // Omitted for adapters without patterns and fully trained layers, which keeps their fingerprints.
            string own = change.Factors is null || change.Scale == _config.Scale ? "" : FormattableString.Invariant($"\n*{change.Scale:R}");
            hash.AppendData(Encoding.UTF8.GetBytes(own));
            foreach (string tensor in change.Tensors)
            {
                string kind = tensor == change.Whole ? "whole " : tensor == change.Own ? "own " : "";
                Append(hash, $"\n{kind}{change.Weight.Name}[{string.Join(',', _file.Entries[tensor].Shape)}]", tensor);
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private void Append(IncrementalHash hash, string head, string tensor)
    {
        hash.AppendData(Encoding.UTF8.GetBytes(head));
        long count = _file.Entries[tensor].ElementCount;
        for (long start = 0; start < count; start += PieceValues)
        {
            using DisposeScope scope = NewDisposeScope();
            hash.AppendData(_file.LoadRange(tensor, start, Math.Min(PieceValues, count - start)).to_type(ScalarType.Float32).bytes);
        }
    }
}
