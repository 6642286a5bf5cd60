using System.Buffers;
using System.IO.Compression;
using HyperDas.Engine.Files;
using HyperDas.Engine.Numerics;

namespace HyperDas.Engine.Backends;

/// <summary>
/// Puts libtorch and what draws pictures into a folder from checked packages: unpacked under another name and moved into place when all is
/// there, so that a folder never has half a backend. Needs no libtorch itself.
/// </summary>
public static class BackendInstaller
{
    // libtorch_cpu has 0.46 GB on Linux; a whole backend 0.5 GB.
    private const long LargestFile = 2L << 30;

    private static readonly SearchValues<char> s_pathParts = SearchValues.Create("/\\:\0");

    // Test helpers and the Python binding: a third of the files, never loaded here.
    private static readonly string[] s_unused =
        ["libtorch_python", "libshm", "libnnapi_backend", "libaoti_custom_ops", "libbackend_with_compiler", "libjitbackend_test",
            "libtorchbind_test"];

    private static readonly string[] s_licences = ["LICENSE", "THIRD-PARTY-NOTICES"];

    /// <summary>Downloads the packages of some platforms into a folder, from which machines without a connection install.</summary>
    /// <param name="folder">Where they go; created if needed. What is there already isn't fetched again.</param>
    /// <param name="sets">The platforms.</param>
    /// <param name="source">Where they come from.</param>
    /// <param name="force">Replaces files that have the packages' names and another content.</param>
    /// <param name="progress">Told how many bytes are there.</param>
    /// <param name="cancellation">Stops the work; what was downloaded stays for the next call.</param>
    /// <returns>The package files.</returns>
    /// <exception cref="HyperDasException"><c>OutputExists</c>, <c>PathNotFound</c>, <c>BackendPackageMismatch</c>, <c>UriUnsupported</c>,
    /// <c>DownloadFailed</c>, <c>WriteFailed</c>.</exception>
    public static IReadOnlyList<string> Save(
        string folder, IEnumerable<BackendSet> sets, BackendSource source, bool force = false, IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default) => Guard(folder, () =>
    {
        List<string> files = [];
        foreach (BackendPackage package in sets.SelectMany(set => set.Packages).Distinct())
        {
            string target = Path.Combine(folder, package.FileName);
            bool foreign = File.Exists(target) && !BackendFetcher.IsWhole(package, target);
            if (foreign && !force)
            {
                throw new HyperDasException(
                    "OutputExists", HyperDasErrorKind.ResourceExists,
                    $"'{target}' exists already and isn't {package.Id} {package.Version}; -Force replaces it.", target);
            }
            string file = BackendFetcher.Fetch(package, source, folder, progress, cancellation);
            if (file != target && (foreign || !File.Exists(target)))
            {
                AtomicFile.Write(target, stream =>
                {
                    using FileStream from = Files.WholeFile.Open(file);
                    from.CopyTo(stream);
                });
            }
            files.Add(target);
        }
        return files;
    });

    /// <summary>Installs a backend.</summary>
    /// <param name="folder">Where it goes; its parent is created if needed.</param>
    /// <param name="set">The platform's packages.</param>
    /// <param name="source">Where they come from.</param>
    /// <param name="force">Replaces what is in the folder.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Stops the work; what was downloaded stays for the next call.</param>
    /// <returns>Whether anything was written; false when the folder has this backend already.</returns>
    /// <exception cref="HyperDasException">
    /// <c>OutputExists</c>, <c>PathNotFound</c>, <c>BackendPackageMismatch</c>, <c>BackendPackageInvalid</c>, <c>UriUnsupported</c>,
    /// <c>DownloadFailed</c>, <c>WriteFailed</c>; on Windows <c>BackendInUse</c>.
    /// </exception>
    public static bool Install(
        string folder, BackendSet set, BackendSource source, bool force = false, IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default) => Guard(folder, () =>
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!force && BackendManifest.Exists(folder))
        {
            IReadOnlyList<string> problems = BackendManifest.Problems(folder, set);
            return problems.Count == 0 ? false : throw Exists($"{problems[0]} -Force installs it anew.");
        }
        if (!force && Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw Exists("it has other files; -Force replaces them.");
        }
        if (OperatingSystem.IsWindows() && TorchRuntime.Folder is string loaded
            && string.Equals(Path.GetFullPath(loaded), folder, StringComparison.OrdinalIgnoreCase))
        {
            throw new HyperDasException(
                "BackendInUse", HyperDasErrorKind.ResourceUnavailable,
                $"libtorch of '{folder}' is loaded by this process, and Windows doesn't replace files in use. Start a new session and install before anything is computed.",
                folder);
        }
        string downloads = folder + ".packages", staging = $"{folder}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(staging);
            foreach (BackendPackage package in set.Packages)
            {
                Unpack(package.Id, BackendFetcher.Fetch(package, source, Created(downloads), progress, cancellation), set.RuntimeIdentifier,
                    staging, progress, cancellation);
            }
            WeakenRequirement(staging);
            BackendManifest.Write(staging, set);
            Replace(staging, folder);
            Remove(downloads);
            return true;
        }
        finally
        {
            Remove(staging);
            if (Directory.Exists(downloads) && !Directory.EnumerateFileSystemEntries(downloads).Any())
            {
                Remove(downloads);
            }
        }

        HyperDasException Exists(string why) =>
            new("OutputExists", HyperDasErrorKind.ResourceExists, $"'{folder}' exists already: {why}", folder);
    });

    private static void Unpack(string id, string package, string runtimeIdentifier, string folder, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        // A library for all of a system's processors lies under the system's name alone, as SkiaSharp's does on macOS.
        string[] prefixes = [$"runtimes/{runtimeIdentifier}/native/", $"runtimes/{runtimeIdentifier.Split('-')[0]}/native/"];
        try
        {
            using ZipArchive archive = ZipFile.OpenRead(package);
            foreach (ZipArchiveEntry entry in archive.Entries)
            {
                string? prefix = prefixes.FirstOrDefault(p => entry.FullName.StartsWith(p, StringComparison.Ordinal));
                string name = prefix is null ? entry.FullName : entry.FullName[prefix.Length..];
                bool licence = s_licences.Any(start => name.StartsWith(start, StringComparison.OrdinalIgnoreCase));
                bool unused = name.EndsWith(".pdb", StringComparison.OrdinalIgnoreCase)
                    || s_unused.Contains(Path.GetFileNameWithoutExtension(name));
                if ((prefix is null && !licence) || unused || name.Length == 0 || name.AsSpan().ContainsAny(s_pathParts))
                {
                    continue;
                }
                // Several packages call theirs LICENSE.txt.
                name = prefix is null ? $"{id}.{name}" : name;
                cancellation.ThrowIfCancellationRequested();
                if (entry.Length > LargestFile)
                {
                    throw new InvalidDataException($"'{entry.FullName}' unpacks to {entry.Length} bytes");
                }
                progress?.Report(new WorkProgress("Installing the backend", $"unpacking {name}", 0, 0));
                // Not ExtractToFile: permissions are none of the archive's business, and a link becomes a file with its text.
                string path = Path.Combine(folder, name);
                if (Path.Exists(path))
                {
                    throw new InvalidDataException($"'{entry.FullName}' is in it twice");
                }
                using Stream from = entry.Open();
                using FileStream to = new(path, FileMode.CreateNew);
                from.CopyTo(to);
            }
        }
        catch (InvalidDataException error)
        {
            throw new HyperDasException("BackendPackageInvalid", HyperDasErrorKind.InvalidData,
                $"'{package}' isn't a good package: {error.Message}", package, error);
        }
    }

    private static void WeakenRequirement(string folder)
    {
        string binding = Path.Combine(folder, "libLibTorchSharp.so");
        if (!File.Exists(binding))
        {
            return;
        }
        byte[] image = File.ReadAllBytes(binding);
        if (GlibcxxRequirement.Weaken(image) is string problem)
        {
            throw new HyperDasException(
                "BackendPackageInvalid", HyperDasErrorKind.InvalidData, $"'{binding}' doesn't look as expected: {problem}.", binding);
        }
        File.WriteAllBytes(binding, image);
    }

    private static void Replace(string staging, string folder)
    {
        string old = $"{folder}.{Guid.NewGuid():N}.old";
        bool replaces = Directory.Exists(folder);
        if (replaces)
        {
            Directory.Move(folder, old);
        }
        try
        {
            Directory.Move(staging, folder);
        }
        catch when (replaces)
        {
            Directory.Move(old, folder);
            throw;
        }
        Remove(old);
    }

    private static T Guard<T>(string folder, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new HyperDasException("WriteFailed", HyperDasErrorKind.WriteError,
                $"The backend couldn't be put into '{folder}': {error.Message}", folder, error);
        }
    }

    private static string Created(string folder) => Directory.CreateDirectory(folder).FullName;

    // The first failure is the one to report: a second one while tidying up must not hide it.
    private static void Remove(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }
    }
}
