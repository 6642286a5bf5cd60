using Xunit;

namespace HyperDas.PowerShell.Tests.Module;

/// <summary>What importing does and doesn't do, seen in a process of its own.</summary>
public class ImportTests
{
    [Fact]
    public void Importing_loads_neither_the_engine_nor_torch()
    {
        ProgramRun run = ProgramRun.Shell("-Command", "[AppDomain]::CurrentDomain.GetAssemblies() | ForEach-Object { $_.GetName().Name }");

        Assert.Contains("HyperDas.PowerShell", run.Lines);
        Assert.DoesNotContain(run.Lines, l => l is "HyperDas.Engine" or "TorchSharp" or "Microsoft.ML.Tokenizers" or "ScottPlot" or "SkiaSharp");
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
            run.Lines.Where(l => Path.GetFileName(l).StartsWith("libSkiaSharp", StringComparison.Ordinal)).Select(l => Path.GetDirectoryName(l)).Distinct());
        Assert.DoesNotContain(run.Lines, l => Path.GetFileName(l).StartsWith("libtorch", StringComparison.Ordinal));
    }

    [Fact]
    public void The_manifest_exports_exactly_the_cmdlets_of_the_assembly()
    {
        using ModuleSession session = new();

        Outcome exported = session.Run("(Get-Command -Module HyperDas).Name");
        Outcome defined = session.Run(
            """
            (Get-Module HyperDas).NestedModules + (Get-Module HyperDas) | ForEach-Object { $_.ImplementingAssembly } | ForEach-Object { $_.GetExportedTypes() } |
                ForEach-Object { $_.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false) } | ForEach-Object { "$($_.VerbName)-$($_.NounName)" }
            """);

        Assert.NotEmpty(defined.Output);
        Assert.Equal(defined.Lines.Order(), exported.Lines.Order());
    }
}
