using System.Text.Json;
using Xunit;

namespace HyperDas.PowerShell.Tests.Module;

/// <summary>THIRD-PARTY-NOTICES.md speaks of what is shipped: of everything, of nothing else, and of these versions.</summary>
public sealed class NoticesTests
{
    private static readonly string s_bin = Path.Combine(Repository.Module, "bin");

    [Fact]
    public void Every_file_of_the_module_that_others_made_is_listed()
    {
        string[] listed = [.. Rows(cells: 5).Select(row => row[0])], shipped = [.. Shipped("lib"), .. Shipped("native")];

        Assert.Contains("lib/TorchSharp.dll", shipped);
        Assert.Empty(shipped.Except(listed));
        // Natives differ by platform; the listed ones are Linux's.
        Assert.Empty(listed.Where(
            file => OperatingSystem.IsLinux() || !file.StartsWith("native/", StringComparison.Ordinal)).Except(shipped));
    }

    [Fact]
    public void The_versions_of_the_module_are_those_that_are_locked() =>
        Assert.All(Rows(cells: 5), row => Assert.Contains((row[1], row[2]), Locked("src/HyperDas.PowerShell")));

    [Fact]
    public void The_packages_of_the_program_are_those_that_are_locked() =>
        Assert.Equal(Locked("src/HyperDas.Shell").Order(), Rows(cells: 4).Select(row => (row[0], row[1])).Order());

    // The only package under Microsoft's own terms: restored for the program on Windows, never redistributed.
    [Fact]
    public void What_may_not_be_passed_on_is_neither_in_the_module_nor_in_the_locks_of_its_packages()
    {
        const string Own = "Microsoft.Management.Infrastructure";
        string[] itsFiles = ["mi.dll", "miutils.dll", "mimofcodec.dll"];

        Assert.DoesNotContain(
            Directory.GetFiles(Repository.Module, "*", SearchOption.AllDirectories).Select(file => Path.GetFileName(file)),
            name => name.StartsWith(Own, StringComparison.OrdinalIgnoreCase) || itsFiles.Contains(name, StringComparer.OrdinalIgnoreCase));
        Assert.DoesNotContain(Locked("src/HyperDas.PowerShell"), row => row.Package.StartsWith(Own, StringComparison.Ordinal));
        Assert.Contains("`Microsoft.Management.Infrastructure.Runtime.Win`", File.ReadAllText(Path.Combine(
            Repository.Root, "THIRD-PARTY-NOTICES.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_build_copies_the_licences_beside_the_files()
    {
        string licenses = Path.Combine(s_bin, "licenses");

        Assert.True(File.Exists(Path.Combine(licenses, "LICENSE")));
        Assert.True(File.Exists(Path.Combine(licenses, "THIRD-PARTY-NOTICES.md")));
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(licenses, "TorchSharp")));
        Assert.NotEmpty(Directory.GetFiles(licenses, "LICENSE-LIBTORCH.txt", SearchOption.AllDirectories));
        Assert.NotEmpty(Directory.GetFiles(licenses, "THIRD-PARTY-NOTICES.txt", SearchOption.AllDirectories));
    }

    private static IEnumerable<string> Shipped(string folder) => Directory.GetFiles(Path.Combine(s_bin, folder))
        .Select(file => Path.GetFileName(file)).Where(name => !name.StartsWith("HyperDas.", StringComparison.Ordinal))
        .Select(name => $"{folder}/{name}");

    /// <summary>The rows of the tables with so many columns, without their heads.</summary>
    private static IEnumerable<string[]> Rows(int cells) => File.ReadAllLines(Path.Combine(Repository.Root, "THIRD-PARTY-NOTICES.md"))
        .Where(line => line.StartsWith("| ", StringComparison.Ordinal))
        .Select(line => line.Trim('|', ' ').Split(" | ").Select(cell => cell.Trim('`')).ToArray())
        .Where(row => row.Length == cells && row[0] is not ("file" or "package"));

    private static HashSet<(string Package, string Version)> Locked(string project)
    {
        using JsonDocument locks = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Root, project, "packages.lock.json")));
        return
        [
            .. locks.RootElement.GetProperty("dependencies").EnumerateObject().SelectMany(target => target.Value.EnumerateObject())
                .Where(package => package.Value.GetProperty("type").GetString() != "Project")
                .Select(package => (package.Name, package.Value.GetProperty("resolved").GetString()!)),
        ];
    }
}
