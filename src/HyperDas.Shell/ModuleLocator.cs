namespace HyperDas.Shell;

/// <summary>Finds the module: next to the published program, or in the repository in which the program was built.</summary>
internal static class ModuleLocator
{
    private static readonly string s_manifest = Path.Combine("HyperDas", "HyperDas.psd1");

    /// <exception cref="FileNotFoundException">The module is in neither place.</exception>
    public static string Find(string programFolder)
    {
        for (DirectoryInfo? folder = new(programFolder); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "module", s_manifest);
            if (File.Exists(candidate))
            {
                return candidate;
            }
        }
        throw new FileNotFoundException($"The module ({Path.Combine("module", s_manifest)}) is neither beside '{programFolder}' nor in a parent folder.");
    }
}
