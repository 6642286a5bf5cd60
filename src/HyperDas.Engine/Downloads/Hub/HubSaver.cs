using System.Text.RegularExpressions;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Downloads.Hub;

/// <summary>
/// Downloads a model into a folder or into Hugging Face's cache: only the files that it is read from. Each file is verified before it is
/// moved into place, and the configuration comes last.
/// </summary>
public static partial class HubSaver
{
    /// <summary>The default branch.</summary>
    public const string MainRevision = "main";

    /// <summary>Downloads missing files.</summary>
    /// <param name="id">The repository, <c>owner/model</c>.</param>
    /// <param name="source">The server and the token.</param>
    /// <param name="folder">Folder for the files; null for the cache.</param>
    /// <param name="cache">The cache.</param>
    /// <param name="revision">Branch, tag or commit.</param>
    /// <param name="force">Whether existing files that differ are replaced.</param>
    /// <param name="progress">Receives the number of bytes received.</param>
    /// <param name="cancellation">Cancels the operation; what was downloaded is kept for the next call.</param>
    /// <returns>The folder that the model opens from, the commit, and the number of files written.</returns>
    /// <exception cref="HyperDasException">
    /// <c>RepositoryNameInvalid</c>, <c>RepositoryDenied</c>, <c>RepositoryNotFound</c>, <c>RepositoryInvalid</c>, <c>DownloadFailed</c>,
    /// <c>DownloadMismatch</c>, <c>CheckpointCorrupt</c>, <c>OutputExists</c>, <c>WriteFailed</c>.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static SavedModel Save(
        string id, HubSource source, string? folder, HubCache cache, string revision = MainRevision, bool force = false,
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ThrowIfNoName(id, revision);
        HubRepository repository = HubRepository.Ask(source, id, revision, progress, cancellation);
        ModelPlace place = folder is null
            ? new CachePlace(cache.FolderOf(id), revision, repository.Commit)
            : new PlainPlace(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        Work work = new(repository, place, force, progress, cancellation);
        try
        {
            Directory.CreateDirectory(place.Folder);
            HubFile weights = NeededFiles.Weights(repository);
            if (NeededFiles.IsIndex(weights))
            {
                work.Bring([weights]);
            }
            IReadOnlyList<HubFile> shards = NeededFiles.IsIndex(weights)
                ? NeededFiles.Shards(repository, place.PathOf(weights))
                : [weights];
            work.Bring([.. shards, .. NeededFiles.Small(repository)]);
            place.Finish();
            return new SavedModel(place.Folder, repository.Commit, work.Written);
        }
        catch (Exception error) when (AtomicFile.IsWriteFailure(error))
        {
            throw new HyperDasException("WriteFailed", HyperDasErrorKind.WriteError,
                $"'{id}' couldn't be saved in '{place.Folder}': {error.Message}", place.Folder, error);
        }
    }

    /// <summary>Refuses invalid names of a repository, branch, tag or commit.</summary>
    /// <param name="id">The repository, <c>owner/model</c>.</param>
    /// <param name="revision">Branch, tag or commit.</param>
    /// <exception cref="HyperDasException"><c>RepositoryNameInvalid</c>.</exception>
    public static void ThrowIfNoName(string id, string revision)
    {
        if (!Names().IsMatch(id) || id.Contains("--", StringComparison.Ordinal) || id.Contains("..", StringComparison.Ordinal))
        {
            throw new HyperDasException(
                "RepositoryNameInvalid", HyperDasErrorKind.InvalidArgument,
                $"'{id}' isn't a repository name; use owner/model, e.g. meta-llama/Llama-3.2-1B.",
                id);
        }
        if (!Revisions().IsMatch(revision) || revision.Contains("..", StringComparison.Ordinal)
            || revision.Contains("//", StringComparison.Ordinal) || revision.EndsWith('/'))
        {
            throw new HyperDasException(
                "RepositoryNameInvalid", HyperDasErrorKind.InvalidArgument,
                $"'{revision}' isn't the name of a branch, tag or commit; use e.g. main.", revision);
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}(/[A-Za-z0-9_][A-Za-z0-9_.-]{0,95})?\z")]
    private static partial Regex Names();

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_./+-]{0,250}\z")]
    private static partial Regex Revisions();

    private sealed class Work(
        HubRepository repository, ModelPlace place, bool force, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        public int Written { get; private set; }

        // All files are checked before one is written.
        public void Bring(IReadOnlyList<HubFile> files)
        {
            HubFile[] missing = [.. files.Where(file => !file.IsAt(place.PathOf(file), progress, cancellation))];
            if (missing.FirstOrDefault(file => HubFile.IsPresent(place.PathOf(file))) is { } other && !force)
            {
                throw new HyperDasException(
                    "OutputExists", HyperDasErrorKind.ResourceExists,
                    $"'{place.PathOf(other)}' already exists and isn't the file of '{repository.Id}' at {repository.Commit}; -Force replaces it.",
                    place.PathOf(other));
            }
            ThrowIfNoRoom(missing);
            long done = files.Sum(f => f.Length) - missing.Sum(f => f.Length), total = files.Sum(f => f.Length);
            foreach (HubFile file in missing)
            {
                place.Put(file, Stored(file) ?? Download(file, done, total));
                Written++;
                done += file.Length;
            }
        }

        private string? Stored(HubFile file) => place.StoredOf(file) is string stored && file.IsAt(stored, progress, cancellation)
            ? stored
            : null;

        private string Download(HubFile file, long done, long total)
        {
            string part = place.PartOf(file);
            // A single transmission error, or a partial file that doesn't match the rest, may be resolved by starting over.
            for (bool again = File.Exists(part); ; again = false)
            {
                if (File.Exists(part) && new FileInfo(part).Length > file.Length)
                {
                    File.Delete(part);
                }
                repository.Download(
                    file, part, progress is null ? null : new Share(progress, repository.Id, file, done, total), cancellation);
                if (file.IsAt(part, progress, cancellation))
                {
                    return part;
                }
                long length = new FileInfo(part).Length;
                File.Delete(part);
                if (!again)
                {
                    throw new HyperDasException(
                        "DownloadMismatch", HyperDasErrorKind.InvalidData,
                        $"'{file.Name}' of '{repository.Id}' was damaged in transfer: {(length == file.Length ? $"its hash isn't {file.Hash}" : $"it has {length} bytes instead of {file.Length}")}. "
                        + "It wasn't kept. Run the command again; a proxy that modifies downloads may be the cause.", file.Name);
                }
            }
        }

        private void ThrowIfNoRoom(HubFile[] missing)
        {
            long needed = missing.Sum(
                f => f.Length - (File.Exists(place.PartOf(f)) ? Math.Min(f.Length, new FileInfo(place.PartOf(f)).Length) : 0));
            long free;
            try
            {
                free = new DriveInfo(place.Folder).AvailableFreeSpace;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                // A network share, or a system that doesn't report it.
                return;
            }
            if (needed > free)
            {
                throw new HyperDasException(
                    "WriteFailed", HyperDasErrorKind.WriteError,
                    $"'{repository.Id}' needs {needed / 1e9:F1} GB more, and '{place.Folder}' has {free / 1e9:F1} GB free. Free some space, or specify another folder with -Path or HF_HOME.",
                    place.Folder);
            }
        }
    }

    private sealed class Share(IProgress<WorkProgress> whole, string id, HubFile file, long done, long total) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => whole.Report(new WorkProgress(
            $"Downloading {id}", value.Total > 0 ? $"{file.Name}, {value.Completed >> 20} of {file.Length >> 20} MiB" : value.Status, done
                + Math.Min(value.Completed, file.Length), total));
    }
}
