using System.Reflection;

namespace HyperDas.PowerShell.Tests;

/// <summary>Where things are, found from the folder that the tests run in.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Module { get; } = Path.Combine(Root, "module", "HyperDas");

    public static string Manifest { get; } = Path.Combine(Module, "HyperDas.psd1");

    public static string PesterFolder { get; } = Path.Combine(Root, "tests", "Pester");

    /// <summary>The shell's program of the same build configuration as the tests.</summary>
    public static string ShellProgram { get; } =
        Path.Combine(Root, "src", "HyperDas.Shell", "bin", Configuration, "net10.0", "hyperdas.dll");

    /// <summary>Where restore put pwsh: a folder for Unix and one for Windows.</summary>
    public static string PwshPackage { get; } = Path.GetDirectoryName(Path.GetDirectoryName(Download("pwsh")))!;

    /// <summary>The entry point of a package that restore only put somewhere: the project file says where.</summary>
    /// <param name="name">pwsh, or Pester with its version.</param>
    public static string Download(string name) =>
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == name).Value!;

    /// <summary>The configuration that the tests were built in, from <c>.../bin/Release/net10.0/</c>.</summary>
    public static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent?.Name ?? "Release";

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "HyperDas.PowerShell.sln")))
        {
            folder = folder.Parent;
        }
        return folder?.FullName ?? throw new InvalidOperationException("The tests don't run inside the repository.");
    }
}
