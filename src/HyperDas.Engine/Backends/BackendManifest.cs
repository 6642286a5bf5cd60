using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Backends;

/// <summary>Contents of an installed backend, so its completeness can be verified later.</summary>
public static class BackendManifest
{
    private const string FileName = "backend.json";
    private static readonly JsonSerializerOptions s_readable = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>Whether a folder contains an installed backend, complete or not.</summary>
    /// <param name="folder">The folder.</param>
    internal static bool Exists(string folder) => File.Exists(Path.Combine(folder, FileName));

    /// <summary>Writes the manifest of a folder's contents.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="set">The installed packages.</param>
    internal static void Write(string folder, BackendSet set)
    {
        JsonObject files = [];
        foreach (string file in Directory.GetFiles(folder).Order(StringComparer.Ordinal))
        {
            files[Path.GetFileName(file)] = Hash(file);
        }
        JsonObject root = new()
        {
            ["runtimeIdentifier"] = set.RuntimeIdentifier,
            ["packages"] = new JsonArray([.. set.Packages.Select(p => (JsonNode)$"{p.Id} {p.Version}")]),
            ["sha256"] = files,
        };
        AtomicFile.Write(Path.Combine(folder, FileName), stream => JsonSerializer.Serialize(stream, root, s_readable));
    }

    /// <summary>Differences between a folder and the backend of this version.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="set">The packages that should be installed.</param>
    /// <returns>Sentences; empty if there are no differences.</returns>
    /// <exception cref="HyperDasException"><c>PathNotFound</c> or <c>BackendManifestInvalid</c>.</exception>
    public static IReadOnlyList<string> Problems(string folder, BackendSet set)
    {
        string manifest = Path.Combine(folder, FileName);
        using JsonDocument document = StrictJson.Open(manifest, "BackendManifestInvalid");
        List<string> problems = [];
        try
        {
            JsonElement root = document.RootElement;
            string[] packages = [.. root.GetProperty("packages").EnumerateArray().Select(p => p.GetString() ?? "")];
            string[] expected = [.. set.Packages.Select(p => $"{p.Id} {p.Version}")];
            if (!packages.SequenceEqual(expected))
            {
                problems.Add($"It contains {string.Join(", ", packages)} instead of {string.Join(", ", expected)}.");
            }
            foreach (JsonProperty file in root.GetProperty("sha256").EnumerateObject())
            {
                string path = Path.Combine(folder, Path.GetFileName(file.Name));
                if (!File.Exists(path))
                {
                    problems.Add($"'{file.Name}' is missing.");
                }
                else if (Hash(path) != file.Value.GetString())
                {
                    problems.Add($"'{file.Name}' was changed after it was installed.");
                }
            }
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException)
        {
            throw new HyperDasException("BackendManifestInvalid", HyperDasErrorKind.InvalidData,
                $"'{manifest}' isn't a valid description of a backend: {error.Message}", manifest, error);
        }
        return problems;
    }

    private static string Hash(string path)
    {
        using FileStream stream = Files.WholeFile.Open(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
