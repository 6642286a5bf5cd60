using System.Reflection;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Ravel.Downloads;

/// <summary>
/// This project's own files, which supplement the official ones: descriptions of what RAVEL's domains have and don't have.
/// </summary>
internal static class RavelAdditions
{
    private const string Prefix = "descriptions/";

    /// <summary>Names of the files.</summary>
    internal static IReadOnlyList<string> Names { get; } =
    [
        .. typeof(RavelAdditions).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..]).Order(StringComparer.Ordinal),
    ];

    /// <summary>Writes the files that a folder lacks. Existing files may be the user's own and are kept.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <returns>The number of files written.</returns>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    internal static int Write(string folder)
    {
        string[] missing = [.. Names.Where(name => !Path.Exists(Path.Combine(folder, name)))];
        foreach (string name in missing)
        {
            using Stream content = Assembly.GetExecutingAssembly().GetManifestResourceStream(Prefix + name)!;
            AtomicFile.Write(Path.Combine(folder, name), content.CopyTo);
        }
        return missing.Length;
    }
}
