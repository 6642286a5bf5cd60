using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Downloads.Hub;

/// <summary>Where a model's files are put.</summary>
internal abstract class ModelPlace
{
    /// <summary>Absolute path of the folder that the model opens from.</summary>
    public abstract string Folder { get; }

    /// <summary>Where a file is, or would be, under the name that the model is read by.</summary>
    /// <param name="file">The file.</param>
    public string PathOf(HubFile file) => Path.Combine(Folder, file.Name);

    /// <summary>
    /// Where a download of a file grows; the name holds the content's hash, so that one content is never continued with another.
    /// </summary>
    /// <param name="file">The file.</param>
    public abstract string PartOf(HubFile file);

    /// <summary>Other places where the same content may lie already.</summary>
    /// <param name="file">The file.</param>
    public virtual string? StoredOf(HubFile file) => null;

    /// <summary>Puts a checked download in its place; what is there is replaced.</summary>
    /// <param name="file">The file.</param>
    /// <param name="part">The download, or where it lies already.</param>
    public abstract void Put(HubFile file, string part);

    /// <summary>Everything is there.</summary>
    public virtual void Finish()
    {
    }
}

/// <summary>A folder with nothing but the model.</summary>
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
/// Hugging Face's cache: contents by hash, links to them for each commit, and a file that names a branch's
/// commit (<see cref="HubFolder"/>).
/// </summary>
/// <param name="root">Absolute folder of the model.</param>
/// <param name="revision">Branch, tag or commit that was asked for.</param>
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
            // Windows asks for a right that not everybody has; Hugging Face's library then has the file itself there, too.
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
