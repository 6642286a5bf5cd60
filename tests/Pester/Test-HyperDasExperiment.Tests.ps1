Describe 'Test-HyperDasExperiment' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $command = 'HyperDas.Commands.TestHyperDasExperimentCommand'
        $quickstart = "$repository/configs/quickstart.yaml"

        function New-Document([string[]] $Line) {
            $file = "$TestDrive/experiment [1] $([guid]::NewGuid()).yaml"
            [System.IO.File]::WriteAllText($file, ($Line -join "`n"))
            $file
        }
    }

    It 'shows the run of a document with every setting' {
        $run = Test-HyperDasExperiment $quickstart
        $run | Should -BeOfType HyperDas.ExperimentRun
        $run.Name | Should -Be 'quickstart'
        $run.Settings.Method.Layer | Should -Be 3
        $run.Settings.Training.Epochs | Should -Be ([HyperDas.TrainingOptions]::new().Epochs)
        $run.Yaml | Should -Match 'learningRate: 0.0007'
    }

    It 'takes documents from the pipeline, by value and by name' {
        @($quickstart, $quickstart | Test-HyperDasExperiment).Count | Should -Be 2
        ([pscustomobject]@{ Path = $quickstart } | Test-HyperDasExperiment).Name | Should -Be 'quickstart'
        ([System.IO.FileInfo] $quickstart | ForEach-Object { [pscustomobject]@{ PSPath = $_.FullName } } | Test-HyperDasExperiment).Name |
            Should -Be 'quickstart'
    }

    It 'expands a sweep and takes settings from the command line' {
        $runs = Test-HyperDasExperiment $quickstart -Set 'training.epochs=2', 'sweep.method.layer=[2, 3]' -OutputPath "$TestDrive/out"
        $runs.Count | Should -Be 2
        $runs.Settings.Method.Layer | Should -Be 2, 3
        $runs.Settings.Training.Epochs | Should -Be 2, 2
        $runs[1].Values['method.layer'] | Should -Be '3'
        [System.IO.Path]::GetFileName($runs[1].Path) | Should -Be 'layer-3'
    }

    It 'gives an error for each mistake, with its place and what would be right' {
        $file = New-Document 'target: { path: nowhere }', 'data: { path: nowhere }', 'method: { layer: x }', 'training: { epocs: 1 }'
        $runs = Test-HyperDasExperiment -LiteralPath $file -ErrorVariable mistakes -ErrorAction SilentlyContinue
        $runs | Should -BeNullOrEmpty
        $mistakes.Count | Should -Be 4
        $mistakes.FullyQualifiedErrorId | Should -Be (@("ConfigInvalid,$command") * 4)
        $mistakes.TargetObject.Line | Should -Be 1, 2, 3, 4
        $mistakes.TargetObject.Key | Should -Be 'target.path', 'data.path', 'method.layer', 'training.epocs'
        $mistakes[3].TargetObject.Message | Should -Match "did you mean 'epochs'"
    }

    It 'does not ask for files with -SkipFiles' {
        $file = New-Document 'target: { path: nowhere }', 'data: { path: nowhere }', 'method: { layer: 15 }'
        (Test-HyperDasExperiment -LiteralPath $file -SkipFiles).Settings.Method.Layer | Should -Be 15
    }

    It 'goes on with the next document after a missing one' {
        $runs = "$TestDrive/missing.yaml", $quickstart | Test-HyperDasExperiment -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -Be "PathNotFound,$command"
        $runs.Name | Should -Be 'quickstart'
    }

    It 'completes the keys of settings' {
        $line = 'Test-HyperDasExperiment x.yaml -Set training.epo'
        $found = [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches
        $found.CompletionText | Should -Be 'training.epochs='
    }
}
