using Xunit;

namespace HyperDas.PowerShell.Tests.Reliability;

/// <summary>Where hidden states can't be kept in files, every command that uses them says so, and its results are the same.</summary>
public sealed class LostActivationsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hyperdas-test-").FullName;

    [Fact]
    public void Training_scoring_and_experiments_warn_and_go_on()
    {
        using ModuleSession session = ToyWork.Begin();
        const string Script =
            """
            param($root, $folder)
            . "$root/tests/Pester/common.ps1"
            $cache = "$folder/cache"
            $kept = Import-HyperDasModel $toy -CachePath $cache
            (Measure-RavelScore -Model $kept -Dataset $dataset -Layer 2 -Reference FullSwap -BootstrapCount 0 -WarningVariable none)[-1].Disentangle
            "$none"
            # A file lies where the model's folder would be.
            foreach ($place in [System.IO.Directory]::GetDirectories($cache)) { [System.IO.Directory]::Delete($place, $true); [System.IO.File]::WriteAllText($place, '') }
            $lost = Import-HyperDasModel $toy -CachePath $cache
            (Measure-RavelScore -Model $lost -Dataset $dataset -Layer 2 -Reference FullSwap -BootstrapCount 0 -WarningVariable scoring -WarningAction SilentlyContinue)[-1].Disentangle
            "$scoring"
            $null = Start-HyperDasTraining $lost $dataset -Layer 2 -FeatureDimension 8 -Blocks 1 -MaxSteps 1 -WarningVariable training -WarningAction SilentlyContinue
            "$training"
            $yaml = New-ToySweep "$folder/sweep"
            $null = Invoke-HyperDasExperiment $yaml -Index 0 -Force -Set "target.cachePath=$cache" -WarningVariable experiment -WarningAction SilentlyContinue
            "$experiment"
            """;

        string[] lines = ToyWork.Run(session, Script, Repository.Root, _folder).Split('\n');

        Assert.Equal(lines[0], lines[2]);
        Assert.Empty(lines[1]);
        Assert.All(lines[3..6], warning => Assert.Contains("stopped writing to", warning));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
