using System.IO.Compression;
using System.Security;
using System.Xml.Linq;
using Xunit;

namespace HyperDas.PowerShell.Tests.Module;

/// <summary>
/// Which files a build for cards has. The real packages have some gigabytes and aren't on every registry: small ones of their names stand
/// for them, in a feed of one folder, and the engine's project is built without its sources. Everything else, from the restore to the
/// staged folder, is the repository's own.
/// </summary>
[Collection(Programs.Shell)]
[Trait("Lane", "Second")]
public sealed class CardBuildTests : IDisposable
{
    private const string TorchSharpVersion = "0.107.0", LibtorchVersion = "2.10.0";

    private const string Project = "src/HyperDas.Engine/HyperDas.Engine.csproj";

    private static readonly string[] s_copied =
    [
        "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "build/TorchNatives.targets",
        "build/WeakenGlibcxxRequirement.cs",
        "src/HyperDas.Abstractions/HyperDas.Abstractions.csproj", Project,
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("hyperdas-cards-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_build_for_cards_under_Linux_stages_what_libtorch_loads_and_nothing_else()
    {
        const string Native = "runtimes/linux-x64/native/", Name = "libtorch-cuda-12.8-linux-x64";
        Pack("TorchSharp-cuda-linux", TorchSharpVersion, [("TorchSharp", TorchSharpVersion), (Name, LibtorchVersion)]);
        Pack(Name, LibtorchVersion,
            [($"{Name}-part1", LibtorchVersion), ($"{Name}-part9-primary", LibtorchVersion), ($"{Name}-part9-fragment1", LibtorchVersion)]);
        Pack(
            $"{Name}-part1", LibtorchVersion, [],
            [.. new[]
            {
                "libc10.so", "libc10_cuda.so", "libtorch.so", "libtorch_cpu.so", "libcudart-1b2c3d.so.12", "libcudnn.so.9",
                "libtorch_python.so", "libshm.so", "libjitbackend_test.so"
            }
                .Select(file => (Native + file, file))]);
        // A library of more than a gigabyte is split into several packages, whose own target joins the parts before the build.
        Pack(
            $"{Name}-part9-primary", LibtorchVersion, [],
            (Native + "libtorch_cuda.so", "first half"), (Native + "libtorch_cuda.so.sha", "checksum"),
            ($"buildTransitive/netstandard2.0/{Name}-part9-primary.targets", $"""
            <Project>
              <Target Name="Join" AfterTargets="ResolveReferences" BeforeTargets="PrepareForBuild">
                <WriteLinesToFile File="$(MSBuildThisFileDirectory)../../{Native}libtorch_cuda.so" Lines="whole" Overwrite="true" />
              </Target>
            </Project>
            """));
        Pack($"{Name}-part9-fragment1", LibtorchVersion, [], ("fragments/linux-x64/native/libtorch_cuda.so.fragment1", "second half"));

        string staged = Build("cuda-linux", "linux-x64");

        Assert.Equal(
            ["libLibTorchSharp.so", "libc10.so", "libc10_cuda.so", "libcudart-1b2c3d.so.12", "libcudnn.so.9", "libtorch.so",
                "libtorch_cpu.so", "libtorch_cuda.so"], Names(staged));
        Assert.Equal("whole", File.ReadAllText(Path.Combine(staged, "libtorch_cuda.so")).Trim());
    }

    [Fact]
    public void A_build_for_cards_under_Windows_stages_what_libtorch_loads_and_nothing_else()
    {
        const string Native = "runtimes/win-x64/native/", Name = "libtorch-cuda-12.8-win-x64";
        Pack("TorchSharp-cuda-windows", TorchSharpVersion, [("TorchSharp", TorchSharpVersion), (Name, LibtorchVersion)]);
        Pack(Name, LibtorchVersion, [($"{Name}-part1", LibtorchVersion)]);
        Pack(
            $"{Name}-part1", LibtorchVersion, [],
            [.. new[] { "c10.dll", "c10_cuda.dll", "torch.dll", "torch_cpu.dll", "torch_cuda.dll", "cudart64_12.dll",
                "torch_cpu.pdb" }.Select(file => (Native + file, file))]);

        string staged = Build("cuda-windows", "win-x64");

        Assert.Equal(
            ["LibTorchSharp.dll", "c10.dll", "c10_cuda.dll", "cudart64_12.dll", "torch.dll", "torch_cpu.dll", "torch_cuda.dll"],
            Names(staged));
    }

    private string Build(string backend, string platform)
    {
        foreach (string file in s_copied.Concat(Embedded()))
        {
            string target = Path.Combine(_folder, file);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(Path.Combine(Repository.Root, file), target);
        }
        File.WriteAllText(Path.Combine(_folder, "nuget.config"), $"""
            <configuration>
              <packageSources><clear /><add key="here" value="feed" /></packageSources>
              <fallbackPackageFolders><clear /><add key="machine" value="{SecurityElement.Escape(PackagesOfThisMachine())}" /></fallbackPackageFolders>
            </configuration>
            """);
        ProgramRun build = ProgramRun.In(
            _folder,
            [
                "build", "src/HyperDas.Engine", "-c", "Release", "-v", "q", "-nologo", "-nodeReuse:false", "-p:UseSharedCompilation=false",
                $"-p:TorchBackend={backend}", $"-p:RestorePackagesPath={Path.Combine(_folder, "packages")}",
            ]);
        Assert.True(build.ExitCode == 0, build.Output + build.Error);
        return Path.Combine(_folder, "artifacts", "native", $"{platform}-{backend}");
    }

    // All embedded resources of the project must exist.
    private static IEnumerable<string> Embedded()
    {
        string folder = Path.GetDirectoryName(Path.Combine(Repository.Root, Project))!;
        return XDocument.Load(Path.Combine(Repository.Root, Project)).Descendants("EmbeddedResource")
            .SelectMany(item => item.Attribute("Include")!.Value.Split(
                ';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .SelectMany(include => Directory.GetFiles(
                Path.GetFullPath(Path.Combine(folder, Path.GetDirectoryName(include)!)), Path.GetFileName(include)))
            .Select(file => Path.GetRelativePath(Repository.Root, file))
            .Distinct();
    }

    // Where the tests' own packages are, to take the others from.
    private static string PackagesOfThisMachine() => Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } chosen
        ? chosen
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private void Pack(string id, string version, (string Id, string Version)[] needs, params (string Name, string Text)[] files)
    {
        string needed = string.Concat(needs.Select(n => $"""<dependency id="{n.Id}" version="{n.Version}" />"""));
        using FileStream file = File.Create(
            Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "feed")).FullName, $"{id}.{version}.nupkg"));
        using ZipArchive archive = new(file, ZipArchiveMode.Create);
        Add($"{id}.nuspec", $"""
            <package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
              <metadata>
                <id>{id}</id><version>{version}</version><authors>tests</authors><description>Stands for a package of this name.</description>
                <dependencies><group targetFramework=".NETStandard2.0">{needed}</group></dependencies>
              </metadata>
            </package>
            """);
        Add("lib/netstandard2.0/_._", "");
        foreach ((string name, string text) in files)
        {
            Add(name, text);
        }

        void Add(string name, string text)
        {
            using StreamWriter writer = new(archive.CreateEntry(name).Open());
            writer.Write(text);
        }
    }

    private static string[] Names(string folder) =>
        [.. Directory.GetFiles(folder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
}
