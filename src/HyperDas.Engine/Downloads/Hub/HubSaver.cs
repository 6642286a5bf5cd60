using System.Text.RegularExpressions;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Downloads.Hub;

/// <summary>
/// Downloads a model into a folder or into Hugging Face's cache: only the files that it is read from, each checked before it is put in its
/// place, the configuration last.
/// </summary>
public static partial class HubSaver
{
    /// <summary>The branch that is meant where none is named.</summary>
    public const string MainRevision = "main";

    /// <summary>Downloads what isn't there.</summary>
    /// <param name="id">The repository, <c>owner/model</c>.</param>
    /// <param name="source">The server and the token.</param>
    /// <param name="folder">Folder to put the files in; null: the cache.</param>
    /// <param name="cache">The cache.</param>
    /// <param name="revision">Branch, tag or commit.</param>
    /// <param name="force">Whether files that are there and differ are replaced.</param>
    /// <param name="progress">Told how many bytes are there.</param>
    /// <param name="cancellation">Stops the work; what was downloaded stays for the next call.</param>
    /// <returns>The folder that the model opens from, the commit, and how many files were written.</returns>
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

    /// <summary>Refuses what can't be names of a repository and of a branch, tag or commit of it.</summary>
    /// <param name="id">The repository, <c>owner/model</c>.</param>
    /// <param name="revision">Branch, tag or commit.</param>
    /// <exception cref="HyperDasException"><c>RepositoryNameInvalid</c>.</exception>
    public static void ThrowIfNoName(string id, string revision)
    {
        if (!Names().IsMatch(id) || id.Contains("--", StringComparison.Ordinal) || id.Contains("..", StringComparison.Ordinal))
        {
            throw new HyperDasException(
                "RepositoryNameInvalid", HyperDasErrorKind.InvalidArgument,
                $"'{id}' isn't the name of a repository; owner and model with a slash between them are needed, e.g. meta-llama/Llama-3.2-1B.",
                id);
        }
        if (!Revisions().IsMatch(revision) || revision.Contains("..", StringComparison.Ordinal)
            || revision.Contains("//", StringComparison.Ordinal) || revision.EndsWith('/'))
        {
            throw new HyperDasException(
                "RepositoryNameInvalid", HyperDasErrorKind.InvalidArgument,
                $"'{revision}' isn't the name of a branch, tag or commit, e.g. main.", revision);
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

        // All files are looked at before one is written.
        public void Bring(IReadOnlyList<HubFile> files)
        {
            HubFile[] missing = [.. files.Where(file => !file.IsAt(place.PathOf(file), progress, cancellation))];
            if (missing.FirstOrDefault(file => HubFile.IsPresent(place.PathOf(file))) is { } other && !force)
            {
                throw new HyperDasException(
                    "OutputExists", HyperDasErrorKind.ResourceExists,
                    $"'{place.PathOf(other)}' exists already and isn't the file of '{repository.Id}' at {repository.Commit}; -Force replaces it.",
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
            // What a server sent wrongly once, or a part that doesn't go with the rest, may come right from the beginning.
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
                        $"'{file.Name}' of '{repository.Id}' came wrong: {(length == file.Length ? $"its hash isn't {file.Hash}" : $"it has {length} bytes instead of {file.Length}")}. "
                        + "It wasn't kept. Run the command again; a proxy that changes what it passes on gives the same.", file.Name);
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
                // A share, or a system that doesn't say.
                return;
            }
            if (needed > free)
            {
                throw new HyperDasException(
                    "WriteFailed", HyperDasErrorKind.WriteError,
                    $"'{repository.Id}' needs {needed / 1e9:F1} GB more, and '{place.Folder}' has room for {free / 1e9:F1} GB. Make room, or name another folder by -Path or HF_HOME.",
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
