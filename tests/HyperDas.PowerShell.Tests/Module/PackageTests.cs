using System.Collections;
using System.IO.Compression;
using System.Management.Automation.Language;
using System.Reflection.PortableExecutable;
using Xunit;

namespace HyperDas.PowerShell.Tests.Module;

/// <summary>The package is made once, unpacked, and used by a shell of its own.</summary>
[Collection(Programs.Shell)]
public sealed class PackageTests(PackageTests.Package package) : IClassFixture<PackageTests.Package>
{
    private const string ToyModel = "tests/Fixtures/toy", Project = "https://example.org/hyperdas";

    [Fact]
    public void It_has_under_20_MB_and_no_native_library()
    {
        Assert.InRange(new FileInfo(package.File).Length, 1, 20_000_000);
        Assert.DoesNotContain(package.Names, name => name.StartsWith("bin/native", StringComparison.Ordinal)
            || Path.GetExtension(name) is ".so" or ".dylib" or ".pdb");
        Assert.All(
            package.Names.Where(name => name.EndsWith(".dll", StringComparison.Ordinal)),
            name => Assert.True(IsForAnyProcessor(name), name));
    }

    [Fact]
    public void It_has_all_that_the_build_lays_out_but_native_libraries()
    {
        IEnumerable<string> built = Directory.GetFiles(Repository.Module, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository.Module, file).Replace('\\', '/'))
            .Where(name => !name.StartsWith("bin/native/", StringComparison.Ordinal));

        Assert.Empty(built.Except(package.Names));
        Assert.Contains("LICENSE", package.Names);
    }

    [Fact]
    public void Its_version_and_tags_are_those_of_the_manifest()
    {
        Assert.Equal($"HyperDas.{ManifestVersion()}.nupkg", Path.GetFileName(package.File));
        string description = System.IO.File.ReadAllText(Path.Combine(package.Module, "HyperDas.nuspec"));
        Assert.Contains("<id>HyperDas</id>", description, StringComparison.Ordinal);
        Assert.Matches("<tags>.*\\bPSModule\\b.*</tags>", description);
        // What Find-PSResource -CommandName looks for.
        Assert.Matches("<tags>.*\\bPSCommand_Measure-RavelScore\\b.*</tags>", description);
        Assert.Matches("<tags>.*\\bPSIncludes_Cmdlet PSCmdlet_.*</tags>", description);
        Assert.Contains("<readme>README.md</readme>", description, StringComparison.Ordinal);
        Assert.Contains("README.md", package.Names);
        Assert.Contains("<licenseUrl>https://licenses.nuget.org/MIT</licenseUrl>", description, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_addresses_are_in_the_manifest_too()
    {
        string description = System.IO.File.ReadAllText(Path.Combine(package.Module, "HyperDas.nuspec"));
        Hashtable manifest = Manifest(Path.Combine(package.Module, "HyperDas.psd1")), own = Manifest(Repository.Manifest);
        Hashtable data = (Hashtable)((Hashtable)manifest["PrivateData"]!)["PSData"]!;

        Assert.Equal(Project, data["ProjectUri"]);
        Assert.Contains($"<projectUrl>{Project}</projectUrl>", description, StringComparison.Ordinal);
        Assert.Contains($"<licenseUrl>{data["LicenseUri"]}</licenseUrl>", description, StringComparison.Ordinal);
        Assert.Equal(own["CmdletsToExport"], manifest["CmdletsToExport"]);
    }

    [SkippableFact]
    public void Without_a_backend_its_errors_name_the_command_that_installs_one()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "XDG_DATA_HOME is Linux's");
        string none = Directory.CreateDirectory(Path.Combine(package.Folder, "new user")).FullName;

        ProgramRun model = package.Run($"Import-HyperDasModel '{Path.Combine(Repository.Root, ToyModel)}'", ("XDG_DATA_HOME", none));
        ProgramRun picture = package.Run($"{ScoreRecord} | Export-HyperDasPlot never.png", ("XDG_DATA_HOME", none));

        Assert.Equal((1, 1), (model.ExitCode, picture.ExitCode));
        Assert.Contains("Install-HyperDasBackend downloads it", model.Error, StringComparison.Ordinal);
        Assert.Contains("libSkiaSharp, wasn't found", picture.Error, StringComparison.Ordinal);
        Assert.Contains("Install-HyperDasBackend downloads it", picture.Error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void With_an_installed_backend_it_computes_and_draws()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "links need rights on Windows");
        string backend = Path.Combine(package.Folder, "backend");
        Directory.CreateDirectory(backend);
        foreach (string file in Directory.GetFiles(Path.Combine(Repository.Module, "bin", "native")))
        {
            System.IO.File.CreateSymbolicLink(Path.Combine(backend, Path.GetFileName(file)), file);
        }

        ProgramRun run = package.Run(
            $"$m = Import-HyperDasModel '{Path.Combine(Repository.Root, ToyModel)}'; $m.Layers; {ScoreRecord} | Export-HyperDasPlot scores.png; (Get-Module HyperDas).ModuleBase",
            ("HYPERDAS_TORCH_HOME", backend));

        Assert.Equal("", run.Error);
        Assert.Equal(package.Module, run.Lines.Last());
        Assert.Equal("PNG"u8, System.IO.File.ReadAllBytes(Path.Combine(package.Folder, "scores.png")).AsSpan(1, 3));
    }

    private const string ScoreRecord =
        "[HyperDas.RavelScore]@{ Domain = 'city'; Attribute = 'Country'; Method = 'MDAS'; Cause = 50; Isolate = 50; CauseCount = 4; IsolateCount = 4; SelectionMode = 'Soft' }";

    private bool IsForAnyProcessor(string name)
    {
        using FileStream stream = System.IO.File.OpenRead(Path.Combine(package.Module, name));
        using PEReader reader = new(stream);
        // The format marks code for any processor as I386 without the 32-bit flag.
        return reader.HasMetadata && reader.PEHeaders.CoffHeader.Machine == Machine.I386
            && (reader.PEHeaders.CorHeader!.Flags & (CorFlags.ILOnly | CorFlags.Requires32Bit)) == CorFlags.ILOnly;
    }

    private static string ManifestVersion() => (string)Manifest(Repository.Manifest)["ModuleVersion"]!;

    private static Hashtable Manifest(string file) => (Hashtable)Parser.ParseFile(file, out _, out _)
        .Find(ast => ast is HashtableAst, searchNestedScriptBlocks: false).SafeGetValue();

    /// <summary>The package, unpacked beside a copy of the shell.</summary>
    public sealed class Package : IDisposable
    {
        public Package()
        {
            Folder = Directory.CreateTempSubdirectory("hyperdas package ").FullName;
            string configuration = new DirectoryInfo(Path.GetDirectoryName(Repository.ShellProgram)!).Parent!.Name;
            ProgramRun pack = ProgramRun.In(Folder, [
                "pack", "-c", configuration, "--no-build", "--nologo", Path.Combine(Repository.Root, "build", "HyperDas.Package"),
                $"-p:PackageOutputPath={Folder}", $"-p:ProjectUrl={Project}"]);
            Assert.True(pack.ExitCode == 0, pack.Output + pack.Error);
            File = Directory.GetFiles(Folder, "*.nupkg").Single();
            Module = Path.Combine(Folder, "module", "HyperDas");
            ZipFile.ExtractToDirectory(File, Module);
            string program = Path.GetDirectoryName(Repository.ShellProgram)!;
            foreach (string file in Directory.GetFiles(program, "*", SearchOption.AllDirectories))
            {
                string copy = Path.Combine(Folder, "shell", Path.GetRelativePath(program, file));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                System.IO.File.Copy(file, copy);
            }
        }

        public string Folder { get; }

        public string File { get; }

        public string Module { get; }

        public IReadOnlyCollection<string> Names
        {
            get
            {
                using ZipArchive archive = ZipFile.OpenRead(File);
                return [.. archive.Entries.Select(entry => entry.FullName)];
            }
        }

        internal ProgramRun Run(string command, params (string Name, string Value)[] variables) =>
            ProgramRun.In(Folder, [Path.Combine(Folder, "shell", "hyperdas.dll"), "-Command", command], variables);

        public void Dispose() => Directory.Delete(Folder, recursive: true);
    }
}
