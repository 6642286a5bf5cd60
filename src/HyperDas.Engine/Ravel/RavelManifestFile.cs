using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Ravel;

/// <summary>
/// The manifest next to a dataset's file: the provenance of the examples, the date, and the hash of the file, which ties both together.
/// Values that change from run to run are here, which keeps the dataset's own file reproducible.
/// </summary>
public static class RavelManifestFile
{
    private const string Format = "hyperdas-ravel-manifest";
    private const int Version = 1;

    private static readonly JsonSerializerOptions s_json = new JsonSerializerOptions
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
    }.Strict();

    /// <summary>Path of a dataset file's manifest: <c>city.jsonl</c> → <c>city.manifest.json</c>.</summary>
    /// <param name="datasetPath">The dataset's file.</param>
    public static string PathFor(string datasetPath) => Path.ChangeExtension(Path.GetFullPath(datasetPath), ".manifest.json");

    /// <summary>Writes the manifest of a dataset after its file.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="datasetPath">Its file.</param>
    /// <param name="created">The date.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    internal static void Write(RavelDataset dataset, string datasetPath, DateTimeOffset created) => AtomicFile.Write(
        PathFor(datasetPath),
        stream => JsonSerializer.Serialize(
            stream,
            new Manifest(
                Format, Version, created, Path.GetFileName(datasetPath), Hash(datasetPath), dataset.Name, dataset.Seed, dataset.Counts,
                [.. Enum.GetValues<RavelSplit>().SelectMany(split => Parts(split, dataset.Split(split)))], dataset.Provenance),
            s_json));

    /// <summary>Reads the provenance of a dataset and checks that the manifest belongs to its file.</summary>
    /// <param name="datasetPath">The dataset's file.</param>
    /// <returns>Null when there is no manifest, or when it has no provenance.</returns>
    /// <exception cref="HyperDasException"><c>DatasetManifestCorrupt</c>, <c>DatasetManifestMismatch</c>.</exception>
    internal static RavelProvenance? Read(string datasetPath)
    {
        string path = PathFor(datasetPath);
        if (!File.Exists(path))
        {
            return null;
        }
        Manifest manifest;
        using (JsonDocument document = StrictJson.Open(path, "DatasetManifestCorrupt"))
        {
            try
            {
                manifest = document.Deserialize<Manifest>(s_json)!;
            }
            catch (JsonException error)
            {
                throw new HyperDasException(
                    "DatasetManifestCorrupt", HyperDasErrorKind.InvalidData, $"'{path}' is damaged: {error.Message}", path, error);
            }
        }
        if (manifest.Format != Format || manifest.Version != Version)
        {
            throw new HyperDasException(
                "DatasetManifestCorrupt", HyperDasErrorKind.InvalidData,
                $"'{path}' has the format '{manifest.Format}' version {manifest.Version}; it must be '{Format}' version {Version}.", path);
        }
        return manifest.Sha256 == Hash(datasetPath)
            ? manifest.Provenance
            : throw new HyperDasException(
                "DatasetManifestMismatch", HyperDasErrorKind.Mismatch,
                $"'{datasetPath}' isn't the file that '{path}' describes: its SHA-256 differs. Export the dataset again, or remove the manifest if the file was changed on purpose.",
                path);
    }

    private static IEnumerable<Part> Parts(RavelSplit split, IReadOnlyList<RavelExample> examples) => examples
        .CountBy(example => (example.HeldOut, example.Domain, example.Attribute, example.Kind, example.Wording))
        .Select(count => new Part(
            split, count.Key.HeldOut, count.Key.Domain, count.Key.Attribute, count.Key.Kind, count.Value, count.Key.Wording))
        .OrderBy(part => part.HeldOut).ThenBy(part => part.Domain, StringComparer.Ordinal)
        .ThenBy(part => part.Attribute, StringComparer.Ordinal)
        .ThenBy(part => part.Kind).ThenBy(part => part.Wording);

    private static string Hash(string path) => WholeFile.Try(path, () =>
    {
        using FileStream stream = Files.WholeFile.Open(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    });

    private sealed record Manifest(
        string Format, int Version, DateTimeOffset Created, string File, string Sha256, string Name, long Seed, RavelBuildCounts Facts,
        IReadOnlyList<Part> Examples, RavelProvenance? Provenance);

    private sealed record Part(RavelSplit Split, RavelHeldOut HeldOut, string Domain, string Attribute, RavelExampleKind Kind, int Count,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] RavelWording Wording = RavelWording.Trained);
}
