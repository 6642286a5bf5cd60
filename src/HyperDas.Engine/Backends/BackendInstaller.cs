using System.Buffers;
using System.IO.Compression;
using HyperDas.Engine.Files;
using HyperDas.Engine.Numerics;

namespace HyperDas.Engine.Backends;

/// <summary>
/// Installs libtorch and the drawing libraries in a folder from verified packages: unpacked under another name and moved into place when
/// complete, so a folder never contains an incomplete backend. Doesn't need libtorch itself.
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

    /// <summary>Downloads the packages of several platforms into a folder, from which machines without a connection install them.</summary>
    /// <param name="folder">Destination; created if needed. Existing packages aren't downloaded again.</param>
    /// <param name="sets">The platforms.</param>
    /// <param name="source">Source of the packages.</param>
    /// <param name="force">Whether files with a package's name but different content are replaced.</param>
    /// <param name="progress">Receives the number of bytes received.</param>
    /// <param name="cancellation">Cancels the operation; what was downloaded is kept for the next call.</param>
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
                    $"'{target}' already exists and isn't {package.Id} {package.Version}; -Force replaces it.", target);
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
    /// <param name="folder">Destination; its parent is created if needed.</param>
    /// <param name="set">The platform's packages.</param>
    /// <param name="source">Source of the packages.</param>
    /// <param name="force">Whether the folder's contents are replaced.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Cancels the operation; what was downloaded is kept for the next call.</param>
    /// <returns>Whether anything was written; false if the folder already contains this backend.</returns>
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
            return problems.Count == 0 ? false : throw Exists($"{problems[0]} -Force installs it again.");
        }
        if (!force && Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw Exists("it contains other files; -Force replaces them.");
        }
        if (OperatingSystem.IsWindows() && TorchRuntime.Folder is string loaded
            && string.Equals(Path.GetFullPath(loaded), folder, StringComparison.OrdinalIgnoreCase))
        {
            throw new HyperDasException(
                "BackendInUse", HyperDasErrorKind.ResourceUnavailable,
                $"libtorch in '{folder}' is loaded by this process, and Windows can't replace files in use. Install in a new session before anything is computed.",
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
            new("OutputExists", HyperDasErrorKind.ResourceExists, $"'{folder}' already exists: {why}", folder);
    });

    private static void Unpack(string id, string package, string runtimeIdentifier, string folder, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        // A universal library is in a folder with only the system's name, like SkiaSharp's on macOS.
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
                // Several packages contain a LICENSE.txt.
                name = prefix is null ? $"{id}.{name}" : name;
                cancellation.ThrowIfCancellationRequested();
                if (entry.Length > LargestFile)
                {
                    throw new InvalidDataException($"'{entry.FullName}' unpacks to {entry.Length} bytes");
                }
                progress?.Report(new WorkProgress("Installing the backend", $"unpacking {name}", 0, 0));
                // Not ExtractToFile: an archive must not set permissions, and a link becomes a file with its text.
                string path = Path.Combine(folder, name);
                if (Path.Exists(path))
                {
                    throw new InvalidDataException($"'{entry.FullName}' occurs twice");
                }
                using Stream from = entry.Open();
                using FileStream to = new(path, FileMode.CreateNew);
                from.CopyTo(to);
            }
        }
        catch (InvalidDataException error)
        {
            throw new HyperDasException("BackendPackageInvalid", HyperDasErrorKind.InvalidData,
                $"'{package}' isn't a valid package: {error.Message}", package, error);
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
                "BackendPackageInvalid", HyperDasErrorKind.InvalidData, $"'{binding}' has unexpected contents: {problem}.", binding);
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
                $"The backend couldn't be installed in '{folder}': {error.Message}", folder, error);
        }
    }

    private static string Created(string folder) => Directory.CreateDirectory(folder).FullName;

    // The first failure is reported: a second one during cleanup must not hide it.
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
