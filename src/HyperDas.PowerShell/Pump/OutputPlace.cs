namespace HyperDas.Pump;

/// <summary>A file or folder that a command is about to write.</summary>
internal sealed class OutputPlace
{
    private readonly bool _isFolder;
    private readonly string[] _marks;

    private OutputPlace(string path, bool isFolder, string[] marks) => (Path, _isFolder, _marks) = (path, isFolder, marks);

    /// <summary>Absolute path.</summary>
    public string Path { get; }

    /// <summary>Whether something exists that would be replaced.</summary>
    public bool IsTaken => _isFolder
        ? _marks.Any(mark => System.IO.File.Exists(System.IO.Path.Combine(Path, mark)))
        : System.IO.File.Exists(Path);

    /// <summary>A file, which counts as taken if it exists.</summary>
    /// <param name="path">Absolute path.</param>
    public static OutputPlace File(string path) => new(path, isFolder: false, []);

    /// <summary>A folder, which may contain other files.</summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="marks">Files by which it counts as taken; none if the engine itself checks the contents.</param>
    public static OutputPlace Folder(string path, params string[] marks) => new(path, isFolder: true, marks);

    /// <summary>Refuses what can't be written even with <c>-Force</c>: a file where there is a folder, and vice versa.</summary>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public void ThrowIfImpossible()
    {
        if (!_isFolder && Directory.Exists(Path))
        {
            throw Errors.OutputImpossible(Path, "it is a folder; specify a file in it.");
        }
        if (_isFolder && System.IO.File.Exists(Path))
        {
            throw Errors.OutputImpossible(Path, "it is a file; specify a folder.");
        }
        string? above = Ancestor();
        if (above is not null && System.IO.File.Exists(above))
        {
            throw Errors.OutputImpossible(Path, $"'{above}' is a file, not a folder.");
        }
    }

    /// <summary>Checks before the operation whether the place is writable. The writer creates missing folders.</summary>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public void ThrowIfUnwritable()
    {
        string? folder = _isFolder && Directory.Exists(Path) ? Path : Ancestor();
        if (folder is null)
        {
            return;
        }
        string probe = System.IO.Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        try
        {
            using FileStream stream = new(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Errors.OutputImpossible(
                Path, $"no file can be created in '{folder}'. {e.Message.Replace(probe, folder, StringComparison.Ordinal)}", e);
        }
    }

    // The nearest existing ancestor.
    private string? Ancestor()
    {
        string? above = System.IO.Path.GetDirectoryName(System.IO.Path.TrimEndingDirectorySeparator(Path));
        while (above is not null && !System.IO.Path.Exists(above))
        {
            above = System.IO.Path.GetDirectoryName(above);
        }
        return above;
    }
}
