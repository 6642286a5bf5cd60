namespace HyperDas.Engine.Checkpoints;

/// <summary>The folder in which Hugging Face's tools keep downloads, with one folder per model.</summary>
/// <param name="root">Absolute path; it may be missing.</param>
public sealed class HubCache(string root)
{
    /// <summary>Absolute path.</summary>
    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>
    /// The cache that the environment names, with the precedence of Hugging Face's library: <c>HF_HUB_CACHE</c>,
    /// <c>HUGGINGFACE_HUB_CACHE</c>, then <c>hub</c> in <see cref="Home"/>.
    /// </summary>
    /// <param name="variable">Returns an environment variable; null: reads the process's.</param>
    public static HubCache OfEnvironment(Func<string, string?>? variable = null)
    {
        variable ??= Environment.GetEnvironmentVariable;
        string? named = Set("HF_HUB_CACHE") ?? Set("HUGGINGFACE_HUB_CACHE");
        return new HubCache(named is null ? Path.Combine(Home(variable), "hub") : Expanded(named));

        string? Set(string name) => variable(name) is { Length: > 0 } value ? value : null;
    }

    /// <summary>
    /// The folder in which Hugging Face's tools keep their files, including the token: <c>HF_HOME</c>, otherwise <c>huggingface</c> in the
    /// user's cache.
    /// </summary>
    /// <param name="variable">Returns an environment variable; null: reads the process's.</param>
    public static string Home(Func<string, string?>? variable = null)
    {
        variable ??= Environment.GetEnvironmentVariable;
        return variable("HF_HOME") is { Length: > 0 } home ? Expanded(home)
            : Path.Combine(
                variable("XDG_CACHE_HOME") is { Length: > 0 } cache ? Expanded(cache) : Path.Combine(UserFolder, ".cache"), "huggingface");
    }

    /// <summary>Folder of a model, whether it exists or not.</summary>
    /// <param name="id">The repository, <c>org/name</c>.</param>
    public string FolderOf(string id) => Path.Combine(Root, HubFolder.ModelPrefix + id.Replace("/", "--", StringComparison.Ordinal));

    /// <summary>
    /// Folder of a model by its ID: <c>org/name</c>, or <c>name</c> alone for the oldest repositories. Case is ignored, as on the hub, but
    /// an exact match takes precedence.
    /// </summary>
    /// <param name="text">The ID as the user wrote it.</param>
    /// <returns>Its absolute path, whether it is complete or not; null where the cache has no such model.</returns>
    public string? Find(string text)
    {
        if (!HubFolder.IsName(text))
        {
            return null;
        }
        string folder = FolderOf(text);
        if (Directory.Exists(folder))
        {
            return folder;
        }
        string[] alike = [.. Models().Where(m => m.Id.Equals(text, StringComparison.OrdinalIgnoreCase)).Select(m => m.Folder)];
        return alike.Length == 1 ? alike[0] : null;
    }

    /// <summary>The models that can be opened: ID and folder, sorted by ID. Empty for an unreadable cache.</summary>
    public IReadOnlyList<(string Id, string Folder)> Models()
    {
        try
        {
            return Directory.Exists(Root)
                ? [.. Directory.EnumerateDirectories(Root, HubFolder.ModelPrefix + "*").Where(Opens)
                    .Select(folder => (HubFolder.IdOf(Path.GetFileName(folder))!, folder))
                    .OrderBy(m => m.Item1, StringComparer.OrdinalIgnoreCase)]
                : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string UserFolder => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    // Like Python's expanduser for these variables.
    private static string Expanded(string path) => path == "~" || path.StartsWith("~/", StringComparison.Ordinal)
        ? UserFolder + path[1..]
        : path;

    private static bool Opens(string folder)
    {
        try
        {
            return File.Exists(Path.Combine(HubFolder.Resolve(folder), ModelConfig.FileName));
        }
        catch (HyperDasException)
        {
            return false;
        }
    }
}
