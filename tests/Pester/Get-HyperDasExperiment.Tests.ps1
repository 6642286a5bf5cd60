Describe 'Get-HyperDasExperiment' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $command = 'HyperDas.Commands.GetHyperDasExperimentCommand'
        $folder = [System.IO.Directory]::CreateTempSubdirectory('hyperdas runs [').FullName
        $sweep = New-ToySweep $folder
        [System.IO.File]::WriteAllText($sweep,
            [System.IO.File]::ReadAllText($sweep).Replace('method.layer: [1, 2]', 'method.layer: [1, 2], seed: [1, 2]'))
        $results = Invoke-HyperDasExperiment -LiteralPath $sweep -Index 0, 1, 2 -WarningAction Ignore
    }
    AfterAll { [System.IO.Directory]::Delete($folder, $true) }

    It 'shows every run of a document with what varies' {
        $runs = Get-HyperDasExperiment -LiteralPath $sweep
        $runs | Should -BeOfType HyperDas.ExperimentStatus
        $runs.State | Should -Be Finished, Finished, Finished, Missing
        $runs.'method.layer' | Should -Be '1', '1', '2', '2'
        $runs[0..2].Disentangle | Should -Be $results.Disentangle
        (Get-HyperDasExperiment -LiteralPath $sweep -State Missing).Index | Should -Be 3
        (Get-HyperDasExperiment -LiteralPath $sweep -Index 1).Name | Should -Be 'toy/layer-1_seed-2'
    }

    It 'shows the runs of a folder' {
        $runs = Get-HyperDasExperiment -LiteralPath "$folder/runs"
        $runs.Name | Should -Be 'runs/toy/layer-1_seed-1', 'runs/toy/layer-1_seed-2', 'runs/toy/layer-2_seed-1'
        $runs[2].'method.layer' | Should -Be '2'
        { Get-HyperDasExperiment -LiteralPath "$folder/runs" -Index 0 -ErrorAction Stop } |
            Should -Throw -ErrorId "ParameterUnused,$command"
        { Get-HyperDasExperiment $toyPath -ErrorAction Stop } | Should -Throw -ErrorId "RunFolderInvalid,$command"
    }

    It 'takes means over seeds' {
        $means = Get-HyperDasExperiment -LiteralPath $sweep -Mean
        $means.Name | Should -Be 'toy: layer 1', 'toy: layer 2'
        $means.Finished | Should -Be 2, 1
        $means.Runs | Should -Be 2, 2
        $means[0].Cause | Should -Be (($results[0].Cause + $results[1].Cause) / 2)
    }

    It 'pipes into reports, plots, comparisons and tables' {
        $runs = Get-HyperDasExperiment -LiteralPath $sweep
        $runs | Export-HyperDasReport "$folder/report.html"
        [System.IO.File]::ReadAllText("$folder/report.html") | Should -BeLike '*1 of 4 runs have no scores: toy/layer-2_seed-2 (missing)*'
        $runs | Export-HyperDasPlot "$folder/plot.svg" -Kind LayerSweep -WarningVariable incomplete -WarningAction SilentlyContinue
        "$incomplete" | Should -BeLike '1 of 4 runs*'
        [System.IO.File]::Exists("$folder/plot.svg") | Should -BeTrue
        @($runs[1] | Compare-RavelScore $runs[0].Scores).Count | Should -Be $runs[1].Scores.Count
        @(Compare-RavelScore $runs[0] $runs[1]).Count | Should -Be $runs[1].Scores.Count
        ($runs | ConvertTo-Csv)[1] | Should -BeLike '*"toy/layer-1_seed-1","Finished"*"method.layer=1, seed=1","2 scores",*'
    }

    It 'tells of a damaged run in one error and shows the others' {
        $scores = "$($results[1].Path)/scores.json"
        $kept = [System.IO.File]::ReadAllText($scores)
        [System.IO.File]::WriteAllText($scores, '{')
        $runs = Get-HyperDasExperiment -LiteralPath $sweep -ErrorVariable mistake -ErrorAction SilentlyContinue
        [System.IO.File]::WriteAllText($scores, $kept)
        $runs.Index | Should -Be 0, 2, 3
        $mistake[0].FullyQualifiedErrorId | Should -Be "ScoresInvalid,$command"
    }
}
