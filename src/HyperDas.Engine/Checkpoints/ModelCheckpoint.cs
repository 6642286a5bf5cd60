using System.Text.Json;
using HyperDas.Engine.Checkpoints.Pickle;
using HyperDas.Engine.Files;
using static TorchSharp.torch;

namespace HyperDas.Engine.Checkpoints;

/// <summary>
/// The weights of a Hugging Face folder: <c>model.safetensors</c> or the shards that an index names, otherwise <c>pytorch_model.bin</c> or
/// its shards.
/// </summary>
public sealed class ModelCheckpoint : IDisposable
{
    /// <summary>Name of the file of an unsharded checkpoint.</summary>
    public const string SingleFileName = "model.safetensors";

    /// <summary>Name of the index of a sharded checkpoint.</summary>
    public const string IndexFileName = "model.safetensors.index.json";

    /// <summary>Name of the file of an unsharded checkpoint that <c>torch.save</c> wrote.</summary>
    public const string TorchFileName = "pytorch_model.bin";

    /// <summary>Name of the index of its shards.</summary>
    public const string TorchIndexFileName = "pytorch_model.bin.index.json";

    private readonly Dictionary<string, TensorFile> _fileOf = [];
    private readonly List<TensorFile> _files = [];
    private string _source = "";

    private ModelCheckpoint(string folder) => Folder = folder;

    /// <summary>Absolute path of the folder.</summary>
    public string Folder { get; }

    /// <summary>Names of all tensors.</summary>
    public IReadOnlyCollection<string> Names => _fileOf.Keys;

    /// <summary>Opens the weights of a folder. Only headers are read.</summary>
    /// <param name="folder">The folder, or a model's root in Hugging Face's cache.</param>
    /// <param name="withAdapter">Whether the adapter stored with the weights is to be applied to them.</param>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>; <c>PathAmbiguous</c>; <c>CheckpointCorrupt</c>; <c>CheckpointUnsafe</c>;
    /// <c>ModelFormatUnsupported</c>; <c>FileIsPointer</c>.</exception>
    public static ModelCheckpoint Open(string folder, bool withAdapter = false)
    {
        ModelCheckpoint checkpoint = new(HubFolder.Resolve(folder));
        try
        {
            checkpoint.OpenFiles(withAdapter);
            return checkpoint;
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>Throws for a folder that holds an adapter, or weights only in unsupported formats.</summary>
    /// <param name="folder">The folder; it may be missing.</param>
    /// <param name="withAdapter">Whether the caller asked for the adapter that is stored with the weights.</param>
    /// <exception cref="HyperDasException"><c>ModelFormatUnsupported</c>.</exception>
    internal static void ThrowIfForeign(string folder, bool withAdapter = false) =>
        ForeignWeights.ThrowIfAny(
            folder, [SingleFileName, IndexFileName, TorchFileName, TorchIndexFileName], TorchIndexFileName, withAdapter);

    /// <summary>Whether the checkpoint has a tensor of that name.</summary>
    public bool Contains(string name) => _fileOf.ContainsKey(name);

    /// <summary>Whether the checkpoint has a tensor of that name with a supported element type.</summary>
    public bool CanRead(string name) => _fileOf.TryGetValue(name, out TensorFile? file) && file.Entries.ContainsKey(name);

    /// <summary>The header's entry of a tensor.</summary>
    /// <exception cref="HyperDasException"><c>TensorNotFound</c>; <c>TensorDtypeUnsupported</c>.</exception>
    public TensorEntry Entry(string name) => FileOf(name).Find(name);

    /// <summary>Copies one tensor out of its file.</summary>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="dtype">Element type of the result; null: as stored.</param>
    /// <param name="device">Where the result lives; null: CPU.</param>
    /// <exception cref="HyperDasException"><c>TensorNotFound</c>.</exception>
    public Tensor Load(string name, ScalarType? dtype = null, Device? device = null) => FileOf(name).Load(name, dtype, device);

    /// <summary>Throws for a tensor that can't be a weight of the shape that the configuration requires.</summary>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="expectedShape">The shape.</param>
    /// <exception cref="HyperDasException"><c>TensorNotFound</c>; <c>TensorShapeMismatch</c>; <c>TensorDtypeUnsupported</c>.</exception>
    internal void ThrowIfUnfit(string name, long[] expectedShape)
    {
        TensorFile file = FileOf(name);
        TensorEntry entry = file.Find(name);
        if (!entry.Shape.AsSpan().SequenceEqual(expectedShape))
        {
            throw file.ShapeMismatch(entry, expectedShape);
        }
        if (!SafetensorsDtype.IsFloatingPoint(entry.Dtype))
        {
            throw new HyperDasException(
                "TensorDtypeUnsupported", HyperDasErrorKind.InvalidData,
                $"Tensor '{name}' in '{file.Path}' contains {SafetensorsDtype.Name(entry.Dtype)}; weights must be floating-point numbers, and quantised weights aren't supported.",
                name);
        }
    }

    /// <summary>Copies one tensor out of its file into an existing one of the same shape.</summary>
    /// <inheritdoc cref="TensorFile.LoadInto"/>
    public void LoadInto(string name, Tensor destination) => FileOf(name).LoadInto(name, destination);

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        foreach (TensorFile file in _files)
        {
            file.Dispose();
        }
    }

    /// <summary>Copies some values of a tensor, in row-major order, in their stored element type.</summary>
    internal Tensor LoadRange(string name, long start, long count) => FileOf(name).LoadRange(name, start, count);

    private TensorFile FileOf(string name) => _fileOf.TryGetValue(name, out TensorFile? file)
        ? file
        : throw new HyperDasException(
            "TensorNotFound", HyperDasErrorKind.NotFound, $"'{_source}' has no tensor '{name}', which the configuration requires.", name);

    private void OpenFiles(bool withAdapter)
    {
        if (!Directory.Exists(Folder))
        {
            throw new HyperDasException("PathNotFound", HyperDasErrorKind.NotFound, $"The folder '{Folder}' doesn't exist.", Folder);
        }
        ThrowIfForeign(Folder, withAdapter);
        // As in transformers: safetensors first, a single file first.
        foreach ((string singleName, string indexName) in (ReadOnlySpan<(string, string)>)[(SingleFileName, IndexFileName),
            (TorchFileName, TorchIndexFileName)])
        {
            string single = Path.Combine(Folder, singleName), index = Path.Combine(Folder, indexName);
            if (File.Exists(single))
            {
                _source = single;
                TensorFile file = Add(single);
                foreach (string name in file.Entries.Keys.Concat(file.Unreadable.Keys))
                {
                    _fileOf.Add(name, file);
                }
                return;
            }
            if (File.Exists(index))
            {
                StandIn.ThrowIfPointer(index);
                _source = index;
                OpenShards(index);
                return;
            }
        }
        throw new HyperDasException(
            "PathNotFound", HyperDasErrorKind.NotFound,
            $"'{Folder}' contains none of {SingleFileName}, {IndexFileName}, {TorchFileName} and {TorchIndexFileName}.", Folder);
    }

    private void OpenShards(string index)
    {
        Dictionary<string, TensorFile> opened = [];
        foreach ((string name, string shard) in ReadIndex(index))
        {
            // By path: "a" and "./a" are one file, which is opened once.
            string path = ShardPath(index, shard);
            if (!opened.TryGetValue(path, out TensorFile? file))
            {
                file = Add(path);
                opened.Add(path, file);
            }
            if (!file.Entries.ContainsKey(name) && !file.Unreadable.ContainsKey(name))
            {
                throw Corrupt(index, $"it assigns tensor '{name}' to '{shard}', which doesn't contain it");
            }
            _fileOf.Add(name, file);
        }
    }

    private TensorFile Add(string path)
    {
        StandIn.ThrowIfPointer(path);
        TensorFile file = Path.GetExtension(path) == ".bin" ? TorchFile.Open(path) : SafetensorsFile.Open(path);
        _files.Add(file);
        return file;
    }

    // A downloaded index must not refer to files elsewhere on this computer.
    private string ShardPath(string index, string shard)
    {
        string path = shard.Contains('\0') ? "" : Path.GetFullPath(Path.Combine(Folder, shard));
        if (Path.IsPathRooted(shard)
            || !path.StartsWith(Folder.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw Corrupt(index, $"it names the shard '{shard}', which is outside the folder");
        }
        return File.Exists(path)
            ? path
            : throw new HyperDasException(
                "PathNotFound", HyperDasErrorKind.NotFound, $"'{index}' names the shard '{shard}', which is missing.", path);
    }

    /// <summary>Reads an index: the tensors and the file of each.</summary>
    /// <param name="index">The file.</param>
    /// <exception cref="HyperDasException"><c>CheckpointCorrupt</c>.</exception>
    internal static List<(string Name, string Shard)> ReadIndex(string index)
    {
        List<(string, string)> pairs = [];
        using JsonDocument document = StrictJson.Open(index, "CheckpointCorrupt");
        if (!document.RootElement.TryGetProperty("weight_map", out JsonElement map) || map.ValueKind != JsonValueKind.Object)
        {
            throw Corrupt(index, "it has no object 'weight_map'");
        }
        foreach (JsonProperty pair in map.EnumerateObject())
        {
            if (pair.Value.ValueKind != JsonValueKind.String || pair.Value.GetString() is not { Length: > 0 } shard)
            {
                throw Corrupt(index, $"the shard of tensor '{pair.Name}' isn't a file name");
            }
            pairs.Add((pair.Name, shard));
        }
        return pairs;
    }

    private static HyperDasException Corrupt(string index, string what) =>
        new("CheckpointCorrupt", HyperDasErrorKind.InvalidData, $"The index '{index}' can't be used: {what}.", index);
}
