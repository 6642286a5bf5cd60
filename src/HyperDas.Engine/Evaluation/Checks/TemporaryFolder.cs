namespace HyperDas.Engine.Evaluation.Checks;

/// <summary>A folder for temporary files.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public TemporaryFolder()
    {
        try
        {
            Path = Directory.CreateTempSubdirectory("hyperdas-check-").FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string parent = System.IO.Path.GetTempPath();
            throw new HyperDasException("WriteFailed", HyperDasErrorKind.WriteError,
                $"No folder could be created in the temporary folder '{parent}': {e.Message}", parent, e);
        }
    }

    /// <summary>Absolute path.</summary>
    public string Path { get; }

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The system cleans up its temporary folder; a check must not fail because of this one.
        }
    }
}
