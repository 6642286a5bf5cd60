using System.Management.Automation;
using Microsoft.PowerShell.Commands;

namespace HyperDas;

/// <summary>Resolves users' paths to absolute paths of the file system, on the pipeline thread.</summary>
internal static class PathResolution
{
    /// <summary>
    /// Existing files and folders. An exact match takes precedence: a command can read what another one wrote to the same path, including
    /// brackets; otherwise wildcards are expanded, unless the path is literal.
    /// </summary>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>, <c>PathNotFileSystem</c>, <c>PathInvalid</c> or
    /// <c>PatternInvalid</c>.</exception>
    public static IReadOnlyList<string> ResolveInput(this PSCmdlet cmdlet, string path, bool literal = false)
    {
        string written = cmdlet.ResolveOutput(path);
        if (Path.Exists(written))
        {
            return [written];
        }
        if (literal || !WildcardPattern.ContainsWildcardCharacters(path))
        {
            string plain = literal ? written : cmdlet.ResolveOutput(WildcardPattern.Unescape(path));
            return Path.Exists(plain) ? [plain] : throw Errors.PathNotFound(plain);
        }
        try
        {
            IReadOnlyList<string> found = cmdlet.GetResolvedProviderPathFromPSPath(path, out ProviderInfo provider);
            ThrowIfNotFileSystem(provider, path);
            return found.Count > 0 ? found : throw Errors.PathNotFound(path);
        }
        catch (WildcardPatternException)
        {
            throw Errors.PatternInvalid(path);
        }
        catch (System.Management.Automation.DriveNotFoundException)
        {
            throw Errors.PathNotFound(path);
        }
    }

    /// <summary>Resolves an input: a path to the files and folders that it matches, any other object to itself.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="item">From the pipeline.</param>
    /// <exception cref="HyperDasException">As <see cref="ResolveInput"/>.</exception>
    public static IEnumerable<object> ResolveItem(this PSCmdlet cmdlet, object item) =>
        (item is PSObject wrapped ? wrapped.BaseObject : item) is var own && own is string path
            ? cmdlet.ResolveInput(path).Select(found => new FileInfo(found))
            : [own];

    /// <summary>Resolves a path that may be missing.</summary>
    /// <exception cref="HyperDasException"><c>PathInvalid</c>, <c>PathNotFound</c> (no such drive) or <c>PathNotFileSystem</c>.</exception>
    public static string ResolveOutput(this PSCmdlet cmdlet, string path)
    {
        ThrowIfInvalid(path);
        try
        {
            string resolved = cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
            ThrowIfNotFileSystem(provider, path);
            return resolved;
        }
        catch (System.Management.Automation.DriveNotFoundException)
        {
            throw Errors.PathNotFound(path);
        }
    }

    /// <summary>Writes a file or folder object like Get-Item, with the properties that PowerShell adds.</summary>
    /// <param name="cmdlet">Writes it.</param>
    /// <param name="path">Absolute path of an existing item.</param>
    public static void WriteItem(this PSCmdlet cmdlet, string path)
    {
        foreach (PSObject item in cmdlet.InvokeProvider.Item.Get([path], force: true, literalPath: true))
        {
            cmdlet.WriteObject(item);
        }
    }

    private static void ThrowIfInvalid(string path)
    {
        if (string.IsNullOrEmpty(path) || path.IndexOfAny(Path.GetInvalidPathChars()) >= 0)
        {
            throw Errors.PathInvalid(path);
        }
    }

    private static void ThrowIfNotFileSystem(ProviderInfo provider, string path)
    {
        if (provider.ImplementingType != typeof(FileSystemProvider))
        {
            throw Errors.PathNotFileSystem(path);
        }
    }
}
