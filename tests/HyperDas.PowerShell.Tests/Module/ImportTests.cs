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
        Assert.DoesNotContain(run.Lines, l => l is "HyperDas.Engine" or "TorchSharp" or "Microsoft.ML.Tokenizers");
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
