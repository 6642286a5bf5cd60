using System.Management.Automation;
using HyperDas.Engine.Checkpoints;

namespace HyperDas;

/// <summary>Resolves users' names of models to absolute paths of their folders, on the pipeline thread.</summary>
internal static class ModelResolution
{
    /// <summary>
    /// Existing folders of models: as <see cref="PathResolution.ResolveInput"/>, and if no path matches, the model with this ID in Hugging
    /// Face's cache.
    /// </summary>
    /// <exception cref="HyperDasException">As <see cref="PathResolution.ResolveInput"/>.</exception>
    public static IReadOnlyList<string> ResolveModel(this PSCmdlet cmdlet, string path, bool literal = false)
    {
        if (!HubFolder.IsName(path) || cmdlet.Exists(path))
        {
            return cmdlet.ResolveInput(path, literal);
        }
        HubCache cache = HubCache.OfEnvironment();
        return cache.Find(path) is string folder ? [folder]
            : HubFolder.IsId(path) ? throw Errors.ModelNotCached(path, cache.Root)
            : cmdlet.ResolveInput(path, literal);
    }

    // At a location outside the file system, e.g. in the registry, a relative path has no file.
    private static bool Exists(this PSCmdlet cmdlet, string path)
    {
        try
        {
            return Path.Exists(cmdlet.ResolveOutput(path));
        }
        catch (HyperDasException)
        {
            return false;
        }
    }
}
