using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Downloads.Hub;

/// <summary>The destination of a model's files.</summary>
internal abstract class ModelPlace
{
    /// <summary>Absolute path of the folder that the model opens from.</summary>
    public abstract string Folder { get; }

    /// <summary>The path of a file under the name that the model is read by.</summary>
    /// <param name="file">The file.</param>
    public string PathOf(HubFile file) => Path.Combine(Folder, file.Name);

    /// <summary>The path of a partial download; the name contains the content's hash, so different contents are never mixed.</summary>
    /// <param name="file">The file.</param>
    public abstract string PartOf(HubFile file);

    /// <summary>Another path where the same content may already exist.</summary>
    /// <param name="file">The file.</param>
    public virtual string? StoredOf(HubFile file) => null;

    /// <summary>Moves a verified download into place, replacing an existing file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="part">The download, or its existing copy.</param>
    public abstract void Put(HubFile file, string part);

    /// <summary>Called when all files are in place.</summary>
    public virtual void Finish()
    {
    }
}

/// <summary>A folder that contains only the model.</summary>
/// <param name="folder">Absolute path.</param>
internal sealed class PlainPlace(string folder) : ModelPlace
{
    /// <inheritdoc/>
    public override string Folder { get; } = folder;

    /// <inheritdoc/>
    public override string PartOf(HubFile file) => $"{PathOf(file)}.{file.Hash[..8]}.part";

    /// <inheritdoc/>
    public override void Put(HubFile file, string part) => AtomicFile.Patiently(() => File.Move(part, PathOf(file), overwrite: true));
}

/// <summary>
/// Hugging Face's cache: contents by hash, links to them for each commit, and a file that maps a branch to its commit
/// (<see cref="HubFolder"/>).
/// </summary>
/// <param name="root">Absolute folder of the model.</param>
/// <param name="revision">The requested branch, tag or commit.</param>
/// <param name="commit">The commit.</param>
internal sealed class CachePlace(string root, string revision, string commit) : ModelPlace
{
    /// <inheritdoc/>
    public override string Folder { get; } = Path.Combine(root, HubFolder.Snapshots, commit);

    /// <inheritdoc/>
    public override string PartOf(HubFile file) => StoredOf(file) + ".incomplete";

    /// <inheritdoc/>
    public override string StoredOf(HubFile file) => Path.Combine(root, "blobs", file.Hash);

    /// <inheritdoc/>
    public override void Put(HubFile file, string part)
    {
        string stored = StoredOf(file), path = PathOf(file);
        if (part != stored)
        {
            AtomicFile.Patiently(() => File.Move(part, stored, overwrite: true));
        }
        string link = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            File.CreateSymbolicLink(link, Path.Combine("..", "..", "blobs", file.Hash));
        }
        catch (Exception e) when (OperatingSystem.IsWindows() && e is IOException or UnauthorizedAccessException)
        {
            // Windows requires a right that not every user has; like Hugging Face's library, this then stores the file itself.
            AtomicFile.Patiently(() => File.Move(stored, path, overwrite: true));
            return;
        }
        File.Move(link, path, overwrite: true);
    }

    /// <inheritdoc/>
    public override void Finish()
    {
        if (revision != commit)
        {
            AtomicFile.Write(Path.Combine([root, HubFolder.References, .. revision.Split('/')]), stream => stream.Write(
                System.Text.Encoding.ASCII.GetBytes(commit)));
        }
    }
}
