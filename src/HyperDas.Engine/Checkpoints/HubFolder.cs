using System.Text.RegularExpressions;

namespace HyperDas.Engine.Checkpoints;

/// <summary>
/// A model in the layout of Hugging Face's cache: <c>models--org--name</c> with <c>refs/main</c>, which names a commit,
/// <c>snapshots/&lt;commit&gt;</c> with the model's files, mostly links, and <c>blobs</c>, which they point to. On Windows without the
/// right to create links, files take their place.
/// </summary>
public static partial class HubFolder
{
    /// <summary>Prefix of the names of the models' folders in the cache.</summary>
    public const string ModelPrefix = "models--";

    /// <summary>Folder with one folder per commit.</summary>
    public const string Snapshots = "snapshots";

    /// <summary>Folder with the files that name the commit of a branch or tag.</summary>
    public const string References = "refs";

    // Kinds of files from which a model is read; broken links of other kinds are ignored.
    private static readonly string[] s_read = [".json", ".safetensors", ".bin", ".model", ".txt", ".jinja"];

    /// <summary>
    /// The folder that contains a model's files: the given one, or the current snapshot if it is a model's root in the cache.
    /// </summary>
    /// <param name="folder">A model's folder; it may be missing.</param>
    /// <returns>Absolute path.</returns>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>: a snapshot or a file that a link points to is missing;
    /// <c>PathAmbiguous</c>.</exception>
    public static string Resolve(string folder)
    {
        folder = Path.GetFullPath(folder);
        if (!Directory.Exists(folder) || File.Exists(Path.Combine(folder, ModelConfig.FileName)))
        {
            ThrowIfIncomplete(folder);
            return folder;
        }
        string snapshots = Path.Combine(folder, Snapshots);
        if (Directory.Exists(snapshots))
        {
            string snapshot = SnapshotOf(folder, snapshots);
            ThrowIfIncomplete(snapshot);
            return snapshot;
        }
        string[] models = [.. Directory.EnumerateDirectories(folder, ModelPrefix + "*").Order(StringComparer.Ordinal)];
        if (models.Length > 0)
        {
            throw new HyperDasException(
                "PathAmbiguous", HyperDasErrorKind.InvalidArgument,
                $"'{folder}' is a cache of {models.Length} {(models.Length == 1 ? "model" : "models")}; specify one of them: {Some(models.Select(m => $"'{m}'"))}.",
                folder);
        }
        ThrowIfIncomplete(folder);
        return folder;
    }

    /// <summary>Display name of a model: the folder's, or the repository's where the folder is a root or a snapshot in the cache.</summary>
    /// <param name="folder">The model's folder.</param>
    public static string NameOf(string folder)
    {
        folder = Path.TrimEndingDirectorySeparator(folder);
        string name = Path.GetFileName(folder);
        if (Path.GetDirectoryName(folder) is string above && Path.GetFileName(above) == Snapshots
            && Path.GetDirectoryName(above) is string root
            && IdOf(Path.GetFileName(root)) is not null)
        {
            name = Path.GetFileName(root);
        }
        return IdOf(name) is string id ? id[(id.LastIndexOf('/') + 1)..] : name;
    }

    /// <summary>
    /// The ID of the repository, <c>org/name</c>, to which a folder of the cache belongs by its name; null for any other folder.
    /// </summary>
    /// <param name="name">Name of the folder.</param>
    public static string? IdOf(string name) => name.StartsWith(ModelPrefix, StringComparison.Ordinal) && name.Length > ModelPrefix.Length
        ? name[ModelPrefix.Length..].Replace("--", "/", StringComparison.Ordinal)
        : null;

    /// <summary>Whether a text has the form of a repository ID with an owner: <c>org/name</c>.</summary>
    /// <param name="text">The text.</param>
    public static bool IsId(string text) => IsName(text) && text.Contains('/', StringComparison.Ordinal);

    /// <summary>Whether a text has the form of a repository ID: <c>org/name</c>, or <c>name</c> alone for the oldest ones.</summary>
    /// <param name="text">The text.</param>
    public static bool IsName(string text) => RepositoryName().IsMatch(text) && !text.Contains("--", StringComparison.Ordinal)
        && !text.Contains("..", StringComparison.Ordinal);

    [GeneratedRegex(@"^[A-Za-z0-9_][\w.-]{0,95}(/[A-Za-z0-9_][\w.-]{0,95})?\z", RegexOptions.ECMAScript)]
    private static partial Regex RepositoryName();

    private static string SnapshotOf(string folder, string snapshots)
    {
        string reference = Path.Combine(folder, References, "main");
        string[] present = [.. Directory.EnumerateDirectories(snapshots).Order(StringComparer.Ordinal)];
        if (!File.Exists(reference))
        {
            return present.Length switch
            {
                1 => present[0],
                0 => throw Missing($"'{snapshots}' is empty; the download of this model is incomplete", folder),
                _ => throw new HyperDasException(
                    "PathAmbiguous", HyperDasErrorKind.InvalidArgument,
                    $"'{folder}' has {present.Length} snapshots and no refs/main that names one of them; specify the path of one: {Some(present.Select(p => $"'{p}'"))}.",
                    folder),
            };
        }
        string commit = System.Text.Encoding.UTF8.GetString(Files.WholeFile.Read(reference, 4096, "PathNotFound")).Trim();
        return present.FirstOrDefault(p => Path.GetFileName(p) == commit)
            ?? throw Missing($"'{reference}' names the snapshot '{commit}', which isn't in '{snapshots}'", folder);
    }

    // Caused by an interrupted download, or by copying a cache without its blobs.
    private static void ThrowIfIncomplete(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }
        foreach (FileInfo file in new DirectoryInfo(folder).EnumerateFiles().Where(f => s_read.Contains(f.Extension)))
        {
            if (file.LinkTarget is string target && Files.StandIn.IsBrokenLink(file.FullName))
            {
                throw Missing($"'{file.FullName}' is a link to '{target}', which is missing", folder);
            }
        }
    }

    private static string Some(IEnumerable<string> paths)
    {
        const int Named = 5;
        string[] all = [.. paths];
        return string.Join(", ", all.Take(Named)) + (all.Length > Named ? $" and {all.Length - Named} more" : "");
    }

    private static HyperDasException Missing(string what, string folder) => new(
        "PathNotFound", HyperDasErrorKind.NotFound,
        $"{what}. Download the model again, e.g. with Save-HyperDasModel, or specify the folder with its files.", folder);
}
