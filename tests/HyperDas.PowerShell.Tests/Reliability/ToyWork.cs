namespace HyperDas.PowerShell.Tests.Reliability;

/// <summary>Scripts that do what users do, on the toy model, and give the results as one text.</summary>
internal static class ToyWork
{
    /// <summary>
    /// Defines <c>$model</c>, <c>$dataset</c> and <c>Invoke-Work</c>, which trains, intervenes, scores, generates and releases.
    /// </summary>
    public const string Prepare =
        """
        param($root)
        $ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue'
        . "$root/tests/Pester/common.ps1"
        $global:toy = $toyPath
        $global:model = Import-HyperDasModel $toyPath
        $global:dataset = New-ToyDataset
        function global:Invoke-Work {
            $training = Start-HyperDasTraining $model $dataset -Layer 2 -FeatureDimension 8 -Blocks 1 -MaxSteps 3 -BatchSize 4
            $training.Metrics | ForEach-Object { $_.Loss.ToString('R') }
            $rows = foreach ($base in 'Vienna is in', 'Oslo speaks', 'Paris') { [pscustomobject]@{ BasePrompt = $base; CounterfactualPrompt = 'I love Graz'; Concept = 'the country of a city' } }
            $rows | Invoke-HyperDasIntervention $training.Interpreter -MaxNewTokens 3 | ForEach-Object { "$($_.OriginalOutput)|$($_.IntervenedOutput)|$($_.Weights[0][0].ToString('R'))" }
            Measure-RavelScore $training.Interpreter $dataset -BootstrapCount 5 | ForEach-Object { "$_" }
            Invoke-HyperDasGeneration $model 'Vienna', 'I love Paris' -MaxNewTokens 4 -Temperature 1 -Seed 3 | ForEach-Object Output
            $training.Interpreter | Remove-HyperDasModel
        }
        """;

    /// <summary>Prepares a session.</summary>
    public static ModuleSession Begin()
    {
        ModuleSession session = new();
        Run(session, Prepare, Repository.Root);
        return session;
    }

    /// <summary>The results of one round of work.</summary>
    public static string Results(ModuleSession session) => Run(session, "Invoke-Work");

    /// <summary>Runs a script that must not fail.</summary>
    public static string Run(ModuleSession session, string script, params object[] arguments)
    {
        Outcome outcome = session.Run(script, arguments);
        return outcome.Errors.Count == 0
            ? string.Join("\n", outcome.Lines)
            : throw new InvalidOperationException($"{outcome.Errors[0].FullyQualifiedErrorId}: {outcome.Errors[0]}");
    }
}
