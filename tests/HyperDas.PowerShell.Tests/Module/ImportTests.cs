using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Xunit;

namespace HyperDas.PowerShell.Tests.Module;

/// <summary>What importing does and doesn't do, seen in a process of its own.</summary>
public class ImportTests
{
    [Fact]
    public void Importing_loads_neither_the_engine_nor_torch()
    {
        string[] loaded = Loaded();
        // Beside other programs of the tests the engine was sometimes seen, cause unknown: what importing loads is there every time.
        for (int again = 0; again < 5 && loaded.Any(IsEngine); again++)
        {
            Thread.Sleep(1000);
            loaded = Loaded();
        }

        Assert.Contains("HyperDas.PowerShell", loaded);
        Assert.DoesNotContain(loaded, IsEngine);

        static bool IsEngine(string name) =>
            name is "HyperDas.Engine" or "TorchSharp" or "Microsoft.ML.Tokenizers" or "ScottPlot" or "SkiaSharp";

        static string[] Loaded()
        {
            ProgramRun run = ProgramRun.Shell(
                "-NoProfile", "-Command", "[AppDomain]::CurrentDomain.GetAssemblies() | ForEach-Object { $_.GetName().Name }");
            // If the program didn't get this far, its error is more informative than a missing name.
            Assert.True(run.ExitCode == 0 && run.Error.Length == 0, $"{run.ExitCode}: {run.Error}");
            return [.. run.Lines];
        }
    }

    [Fact]
    public void Pictures_are_drawn_by_the_module_s_own_native_library_and_without_libtorch()
    {
        string picture = Path.Combine(Path.GetTempPath(), $"hyperdas-test-{Guid.NewGuid()}.png");
        ProgramRun run = ProgramRun.Shell(
            "-Command",
            $$"""
            [HyperDas.RavelScore]@{ Domain = 'city'; Attribute = 'Country'; Method = 'x'; SelectionMode = 'Soft'; Cause = 1; Isolate = 2; CauseCount = 1; IsolateCount = 1 } |
                Export-HyperDasPlot '{{picture}}'
            [System.Diagnostics.Process]::GetCurrentProcess().Modules | ForEach-Object FileName
            """);

        Assert.True(File.Exists(picture), run.Error);
        File.Delete(picture);
        Assert.Equal(
            [Path.Combine(Repository.Module, "bin", "native")],
            run.Lines.Where(l => Path.GetFileName(l).StartsWith("libSkiaSharp", StringComparison.Ordinal))
                .Select(l => Path.GetDirectoryName(l)).Distinct());
        Assert.DoesNotContain(run.Lines, l => Path.GetFileName(l).StartsWith("libtorch", StringComparison.Ordinal));
    }

    [Fact]
    public void A_second_copy_of_the_module_can_be_imported_into_a_session()
    {
        string copy = Directory.CreateTempSubdirectory("hyperdas copy ").FullName, module = CopyModule(copy);
        using ModuleSession session = new();

        Outcome outcome = session.Run(
            """
            Import-Module "$($args[0])/HyperDas.psd1"
            (Get-Module HyperDas).Count
            $score = [HyperDas.RavelScore]@{ Domain = 'city'; Attribute = 'Country'; Method = 'x'; SelectionMode = 'Soft'; Cause = 1; Isolate = 2; CauseCount = 1; IsolateCount = 1 }
            ($score | Compare-RavelScore -Before $score).Cause
            [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($score)) -is [HyperDas.RavelScore]
            @(Get-TypeData HyperDas.RavelScore).DefaultDisplayPropertySet.ReferencedProperties.Count -gt 5
            """,
            module);

        Assert.Empty(outcome.Errors);
        Assert.Equal(["2", "1", "True", "True"], outcome.Lines);
        Directory.Delete(copy, recursive: true);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Remove-Module HyperDas")]
    public void A_copy_of_another_build_is_refused_with_one_error_that_says_what_is_loaded_and_what_to_do(string before)
    {
        string folder = Directory.CreateTempSubdirectory("hyperdas build ").FullName, other = CopyModule(folder);
        GiveAnotherIdentity(Path.Combine(other, "bin", "HyperDas.Abstractions.dll"));

        ProgramRun run = ProgramRun.In(folder,
        [
            Repository.Download("pwsh"), "-NoProfile", "-NonInteractive", "-Command",
            $$"""
            Import-Module '{{Repository.Module}}'
            {{before}}
            $Error.Clear()
            try { Import-Module '{{other}}' -ErrorAction Stop } catch { $_.FullyQualifiedErrorId; "$_" }
            $Error.Count
            $null = Import-Module '{{Repository.Module}}' -PassThru
            "$((Get-Module HyperDas).Count) $([HyperDas.SelectionMode]::Soft) $((Get-Command Get-HyperDasModel).Name)"
            """,
        ]);
        ProgramRun alone = ProgramRun.In(folder,
            [Repository.Download("pwsh"), "-NoProfile", "-Command", $"Import-Module '{other}'; [HyperDas.SelectionMode]::Soft"]);

        Assert.Equal("", run.Error);
        Assert.Equal(
            [
                "AnotherCopyLoaded,Microsoft.PowerShell.Commands.ImportModuleCommand",
                $"Another build of the module HyperDas is loaded, from '{Repository.Module}', and can't be unloaded, not even by Remove-Module. To use '{other}', import it in a new session.",
                "1", "1 Soft Get-HyperDasModel",
            ],
            run.Lines);
        Assert.Equal(["Soft"], alone.Lines);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void What_lists_show_outlives_another_module_s_types()
    {
        using ModuleSession session = new();

        Outcome outcome = session.Run(
            """
            $folder = [System.IO.Directory]::CreateTempSubdirectory('hyperdas other ').FullName
            [System.IO.File]::WriteAllText("$folder/Other.types.ps1xml", '<Types><Type><Name>Other.Thing</Name><Members><NoteProperty><Name>A</Name><Value>1</Value></NoteProperty></Members></Type></Types>')
            [System.IO.File]::WriteAllText("$folder/Other.psd1", "@{ ModuleVersion = '1.0'; TypesToProcess = 'Other.types.ps1xml' }")
            Import-Module "$folder/Other.psd1"; Remove-Module Other
            @(Get-TypeData HyperDas.RavelScore).DefaultDisplayPropertySet.ReferencedProperties.Count -gt 5
            [System.IO.Directory]::Delete($folder, $true)
            """);

        Assert.Empty(outcome.Errors);
        Assert.Equal(["True"], outcome.Lines);
    }

    [Fact]
    public void The_manifest_has_the_tags_by_which_a_repository_finds_commands()
    {
        using ModuleSession session = new();

        Outcome missing = session.Run(
            "$m = Get-Module HyperDas; $m.ExportedCmdlets.Keys | Where-Object { $m.PrivateData.PSData.Tags -notcontains \"PSCommand_$_\" }");

        Assert.Empty(missing.Errors);
        Assert.Empty(missing.Output);
    }

    [Fact]
    public void The_manifest_exports_exactly_the_cmdlets_of_the_assembly()
    {
        using ModuleSession session = new();

        Outcome exported = session.Run("(Get-Command -Module HyperDas).Name");
        Outcome defined = session.Run(
            """
            (Get-Module HyperDas).NestedModules + (Get-Module HyperDas) | ForEach-Object { $_.ImplementingAssembly } | Where-Object { $_ } | ForEach-Object { $_.GetExportedTypes() } |
                ForEach-Object { $_.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false) } | ForEach-Object { "$($_.VerbName)-$($_.NounName)" }
            """);

        Assert.NotEmpty(defined.Output);
        Assert.Equal(defined.Lines.Order(), exported.Lines.Order());
    }

    /// <summary>Copies the module, without the native libraries, into a folder.</summary>
    private static string CopyModule(string folder)
    {
        string module = Directory.CreateDirectory(Path.Combine(folder, "HyperDas")).FullName;
        foreach (string file in Directory.GetFiles(Repository.Module, "*", SearchOption.AllDirectories)
            .Where(f => !f.Contains("native", StringComparison.Ordinal)))
        {
            string target = Path.Combine(module, Path.GetRelativePath(Repository.Module, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
        return module;
    }

    // What another build of changed sources has: another identifier in the same place.
    private static void GiveAnotherIdentity(string assembly)
    {
        byte[] content = File.ReadAllBytes(assembly);
        using PEReader reader = new([.. content]);
        MetadataReader metadata = reader.GetMetadataReader();
        byte[] identity = metadata.GetGuid(metadata.GetModuleDefinition().Mvid).ToByteArray();
        Guid.NewGuid().TryWriteBytes(content.AsSpan(content.AsSpan().IndexOf(identity)));
        File.WriteAllBytes(assembly, content);
    }
}
