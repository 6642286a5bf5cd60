using Xunit;

namespace HyperDas.PowerShell.Tests.Module;

/// <summary>Where a process of its own takes libtorch from. Links to the built one stand for what Install-HyperDasBackend leaves.</summary>
[Collection(Programs.Shell)]
public sealed class BackendPlaceTests : IDisposable
{
    private static readonly string s_built = Path.Combine(Repository.Module, "bin", "native");
    private readonly string _folder = Directory.CreateTempSubdirectory("hyperdas torch ").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableFact]
    public void A_users_own_libtorch_is_used_before_the_modules()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "XDG_DATA_HOME is Linux's");
        string torch = Path.Combine(_folder, "HyperDas", "backends", "torchsharp-0.107.0", Platform() + "-cpu");
        Link(torch);

        Assert.Equal(torch, Used(("XDG_DATA_HOME", _folder)));
    }

    [SkippableFact]
    public void A_new_user_without_a_folder_for_data_gets_the_modules_and_would_install_into_it()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "XDG_DATA_HOME is Linux's");
        string data = Path.Combine(_folder, "not yet");

        Assert.Equal(s_built, Used(("XDG_DATA_HOME", data)));
        ProgramRun asked = Run("Install-HyperDasBackend -WhatIf", ("XDG_DATA_HOME", data));
        Assert.Contains($"\"{data}/HyperDas/backends/", asked.Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void The_variable_may_name_a_folder_relative_to_where_the_process_starts()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "links need rights on Windows");
        Link(Path.Combine(_folder, "torch"));

        Assert.Equal(Path.Combine(_folder, "torch"), Used(("HYPERDAS_TORCH_HOME", "torch")));
    }

    [Fact]
    public void A_folder_without_libtorch_is_an_error_that_says_how_to_get_it()
    {
        ProgramRun run = Run("Import-HyperDasModel '" + Path.Combine(Repository.Root, "tests", "Fixtures", "toy")
            + "'", ("HYPERDAS_TORCH_HOME", _folder));

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("Install-HyperDasBackend", run.Error, StringComparison.Ordinal);
        Assert.Contains(_folder, run.Error, StringComparison.Ordinal);
    }

    private string Used(params (string Name, string Value)[] variables)
    {
        ProgramRun run = Run("Test-HyperDasBackend -Verbose 4>&1 | ForEach-Object { \"$_\" }", variables);
        Assert.Equal("True", run.Lines.Last());
        return run.Lines.First()["libtorch in '".Length..^"' works".Length];
    }

    private ProgramRun Run(string command, params (string Name, string Value)[] variables) =>
        ProgramRun.In(_folder, [Repository.ShellProgram, "-Command", command], variables);

    private static void Link(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.GetFiles(s_built))
        {
            File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(file)), file);
        }
    }

    private static string Platform() => "linux-"
        + System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
}
