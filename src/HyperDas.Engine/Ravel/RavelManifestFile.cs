using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Ravel;

/// <summary>
/// The manifest beside a dataset's file: where the examples come from, when they were written, and the file's hash, so that both stay
/// together. What changes from run to run is here, so that the dataset's own file doesn't change.
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

    /// <summary>Where a dataset file's manifest is: <c>city.jsonl</c> → <c>city.manifest.json</c>.</summary>
    /// <param name="datasetPath">The dataset's file.</param>
    public static string PathFor(string datasetPath) => Path.ChangeExtension(Path.GetFullPath(datasetPath), ".manifest.json");

    /// <summary>Writes the manifest of a dataset whose file is written.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="datasetPath">Its file.</param>
    /// <param name="created">When.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    internal static void Write(RavelDataset dataset, string datasetPath, DateTimeOffset created) => AtomicFile.Write(
        PathFor(datasetPath),
        stream => JsonSerializer.Serialize(
            stream,
            new Manifest(
                Format, Version, created, Path.GetFileName(datasetPath), Hash(datasetPath), dataset.Name, dataset.Seed, dataset.Counts,
                [.. Enum.GetValues<RavelSplit>().SelectMany(split => Parts(split, dataset.Split(split)))], dataset.Provenance),
            s_json));

    /// <summary>Reads where a dataset comes from and checks that the manifest belongs to its file.</summary>
    /// <param name="datasetPath">The dataset's file.</param>
    /// <returns>Null when there is no manifest, or when it doesn't say.</returns>
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
                $"'{path}' has the format '{manifest.Format}' version {manifest.Version}; '{Format}' version {Version} is needed.", path);
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
