using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using HyperDas.Engine.Checkpoints.Families;
using HyperDas.Engine.Files;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Checkpoints.Adapters;

/// <summary>
/// A LoRA adapter as PEFT saves it: for some linear layers W, <c>[outputs, inputs]</c>, the factors B, <c>[outputs, r]</c>, and A,
/// <c>[r, inputs]</c>; what the layer is used with is W + scale · B A (Hu et al. 2021).
/// </summary>
internal sealed partial class LoraAdapter : IDisposable
{
    /// <summary>Name of the file with the factors.</summary>
    public const string FileName = "adapter_model.safetensors";

    // Products are added piece by piece, of about this many values.
    private const long PieceValues = 1 << 22;

    private readonly SafetensorsFile _file;
    private readonly AdapterConfig _config;
    private readonly Dictionary<string, Factors> _factors = new(StringComparer.Ordinal);

    private LoraAdapter(string folder, AdapterConfig config, SafetensorsFile file) => (Folder, _config, _file) = (folder, config, file);

    private sealed record Factors(StoredWeight Weight, string A, string B);

    /// <summary>Absolute path of its folder.</summary>
    public string Folder { get; }

    /// <summary>What whoever applies it should know of its files; null when all is understood.</summary>
    public string? Remark => _config.Remark;

    /// <summary>Opens an adapter and checks that it fits a model. Only headers are read.</summary>
    /// <param name="folder">Its folder, or its root in Hugging Face's cache.</param>
    /// <param name="model">The model's shape.</param>
    /// <exception cref="HyperDasException">
    /// <c>PathNotFound</c>, <c>PathAmbiguous</c>, <c>AdapterInvalid</c>, <c>AdapterUnsupported</c>, <c>AdapterMismatch</c>,
    /// <c>CheckpointCorrupt</c>, <c>FileIsPointer</c>.
    /// </exception>
    public static LoraAdapter Open(string folder, ModelConfig model)
    {
        folder = Path.TrimEndingDirectorySeparator(HubFolder.Resolve(folder));
        AdapterConfig config = AdapterConfig.Read(folder);
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new HyperDasException(
                "PathNotFound", HyperDasErrorKind.NotFound,
                $"'{folder}' has no {FileName}. An adapter_model.bin can't be read: load the adapter with Hugging Face's peft and save it again, which writes safetensors.",
                path);
        }
        StandIn.ThrowIfPointer(path);
        LoraAdapter adapter = new(folder, config, SafetensorsFile.Open(path));
        try
        {
            adapter.Match(model);
            return adapter;
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    /// <summary>Adds what the adapter adds to a tensor, in float32; does nothing for a tensor that it doesn't change.</summary>
    /// <param name="usual">Usual name of the stored tensor.</param>
    /// <param name="destination">The tensor in the shape of the file, any element type and device.</param>
    public void AddTo(string usual, Tensor destination)
    {
        if (!_factors.TryGetValue(usual, out Factors? factors))
        {
            return;
        }
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor a = _file.Load(factors.A, ScalarType.Float32, destination.device),
            b = _file.Load(factors.B, ScalarType.Float32, destination.device);
        // Stored transposed, W^T gets A^T B^T.
        (Tensor left, Tensor right) = factors.Weight.Layout == WeightLayout.Columns ? (a.t(), b.t()) : (b, a);
        long rows = destination.shape[0], step = Math.Max(1, PieceValues / destination.shape[1]);
        for (long start = 0; start < rows; start += step)
        {
            using DisposeScope piece = NewDisposeScope();
            long count = Math.Min(step, rows - start);
            Tensor target = destination.narrow(0, start, count);
            target.copy_(target.to_type(ScalarType.Float32) + (left.narrow(0, start, count).mm(right) * _config.Scale));
        }
    }

    /// <summary>What identifies a model with this adapter: SHA-256 over the base model's fingerprint, the scale and all factors.</summary>
    /// <param name="fingerprint">The base model's.</param>
    public string Fingerprint(string fingerprint)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"hyperdas-lora-1\n{fingerprint}\n{_config.Scale:R}")));
        foreach ((string name, Factors factors) in _factors.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            foreach (string tensor in (string[])[factors.A, factors.B])
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor values = _file.Load(tensor, ScalarType.Float32);
                hash.AppendData(Encoding.UTF8.GetBytes($"\n{name}[{string.Join(',', values.shape)}]"));
                hash.AppendData(values.bytes);
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    // Which factors belong to which stored tensor.
    private void Match(ModelConfig model)
    {
        ModelFamily family = ModelFamily.Of(model);
        StoredWeight[] weights = [.. family.Weights(model)];
        Dictionary<string, StoredWeight> byModule = weights.SelectMany(w => family.NamesOf(w.Name).Select(n => (Name: n, Weight: w)))
            .Where(w => w.Name.EndsWith(".weight", StringComparison.Ordinal))
            .ToDictionary(w => w.Name[..^".weight".Length], w => w.Weight, StringComparer.Ordinal);
        foreach ((string name, string stored) in _file.Unreadable.OrderBy(u => u.Key, StringComparer.Ordinal))
        {
            throw Narrow(name, stored);
        }
        Dictionary<string, (string? A, string? B)> found = new(StringComparer.Ordinal);
        foreach (string name in _file.Entries.Keys.Order(StringComparer.Ordinal))
        {
            Match match = FactorName().Match(name);
            if (!match.Success)
            {
                throw new HyperDasException(
                    "AdapterUnsupported", HyperDasErrorKind.InvalidData,
                    $"'{_file.Path}' holds '{name}', which isn't a LoRA factor of a linear layer (lora_A.weight, lora_B.weight); only these can be applied. "
                    + "Merge the adapter into its base model with Hugging Face's peft (merge_and_unload), and import the result.", name);
            }
            string module = match.Groups["module"].Value;
            if (!_config.IsTarget(module))
            {
                throw Invalid($"it holds '{name}', and target_modules of {AdapterConfig.FileName} names no such module", name);
            }
            (string? a, string? b) = found.GetValueOrDefault(module);
            if ((match.Groups["factor"].Value == "A" ? a : b) is string other)
            {
                throw Invalid($"both '{other}' and '{name}' are the same factor", name);
            }
            found[module] = match.Groups["factor"].Value == "A" ? (name, b) : (a, name);
        }
        foreach ((string module, (string? a, string? b)) in found)
        {
            if (!byModule.TryGetValue(module, out StoredWeight? weight))
            {
                string tied = model.TiedHead && (module.EndsWith("lm_head", StringComparison.Ordinal)
                    || module == "embed_out") ? ": its head is tied to the embeddings" : "";
                throw Mismatch(
                    $"It changes '{module}', which the model, a {model.Family} of {model.BlockCount} blocks, doesn't have{tied}", module);
            }
            Add(model, weight, module, a ?? throw Lacks(module, "A"), b ?? throw Lacks(module, "B"));
        }
        if (_factors.Count == 0)
        {
            throw Invalid("it holds no factor", _file.Path);
        }
        ThrowIfIncomplete(model, weights);
    }

    private void Add(ModelConfig model, StoredWeight weight, string module, string a, string b)
    {
        long[] stored = weight.Shape(model);
        (long outputs, long inputs) = stored.Length != 2 || weight.Roles[0] is WeightRole.Embedding or WeightRole.Positions
            ? throw Mismatch($"It changes '{module}', which isn't a linear layer", module)
            : weight.Layout == WeightLayout.Columns ? (stored[1], stored[0]) : (stored[0], stored[1]);
        ThrowIfShapeDiffers(a, [_config.Rank, inputs]);
        ThrowIfShapeDiffers(b, [outputs, _config.Rank]);
        if (!_factors.TryAdd(weight.Name, new Factors(weight, a, b)))
        {
            throw Invalid($"two modules, one of them '{module}', are '{weight.Name}'", module);
        }
    }

    // A file that lost some of its tensors would change the model only in part.
    private void ThrowIfIncomplete(ModelConfig model, StoredWeight[] weights)
    {
        if (_config.Targets is null || !_config.TargetsAll)
        {
            return;
        }
        StoredWeight? missing = weights.FirstOrDefault(
            w => w.Name.EndsWith(".weight", StringComparison.Ordinal) && w.Shape(model).Length == 2
            && w.Roles[0] is not (WeightRole.Embedding or WeightRole.Positions) && _config.IsTarget(w.Name[..^".weight".Length])
            && !_factors.ContainsKey(w.Name));
        if (missing is not null)
        {
            throw Mismatch(
                $"It has no factors for '{missing.Name[..^".weight".Length]}', which target_modules of {AdapterConfig.FileName} names",
                missing.Name);
        }
    }

    private void ThrowIfShapeDiffers(string name, long[] expected)
    {
        TensorEntry entry = _file.Entries[name];
        if (!entry.Shape.AsSpan().SequenceEqual(expected))
        {
            throw Mismatch(
                $"'{name}' has shape [{string.Join(", ", entry.Shape)}]; with r = {_config.Rank} in {AdapterConfig.FileName}, the model asks for [{string.Join(", ", expected)}]",
                name);
        }
        if (!SafetensorsDtype.IsFloatingPoint(entry.Dtype))
        {
            throw Narrow(name, SafetensorsDtype.Name(entry.Dtype));
        }
    }

    private HyperDasException Narrow(string name, string stored) => new(
        "TensorDtypeUnsupported", HyperDasErrorKind.InvalidData,
        $"Tensor '{name}' in '{_file.Path}' holds {stored}; factors are floating-point numbers of 16 bits or more.", name);

    private HyperDasException Lacks(string module, string factor) => Invalid($"it lacks the factor {factor} of '{module}'", module);

    private HyperDasException Invalid(string what, string target) => new(
        "AdapterInvalid", HyperDasErrorKind.InvalidData, $"The adapter '{_file.Path}' can't be used: {what}.", target);

    private HyperDasException Mismatch(string what, string target) => new(
        "AdapterMismatch", HyperDasErrorKind.Mismatch,
        $"The adapter '{Folder}' doesn't belong to this model. {what}.{(_config.Base is string trained ? $" It was trained on '{trained}'." : "")}",
        target);

    // PEFT saves base_model.model.<module>.lora_A.weight; older files have the adapter's name after lora_A.
    [GeneratedRegex(@"^(base_model\.model\.)?(?<module>.+)\.lora_(?<factor>[AB])(\.default)?\.weight\z")]
    private static partial Regex FactorName();
}
