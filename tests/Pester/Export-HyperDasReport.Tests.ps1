Describe 'Export-HyperDasReport' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $command = 'HyperDas.Commands.ExportHyperDasReportCommand'
        $model = Import-HyperDasModel $toyPath
        $dataset = New-ToyDataset
        $result = Start-HyperDasTraining $model $dataset -Layer 2 -FeatureDimension 8 -Blocks 1 -Epochs 1 -BatchSize 4 `
            -OutputPath "$TestDrive/run"
        $scores = Measure-RavelScore $result.Interpreter $dataset -OutputPath "$TestDrive/run/scores.json"
        $interventions = 'Soft', 'OneToOne' | ForEach-Object {
            Invoke-HyperDasIntervention $result.Interpreter 'Vienna is in' 'I love Paris' 'the country of a city' -SelectionMode $_
        }
        function Get-Section([string] $Path) { [regex]::Matches([System.IO.File]::ReadAllText($Path), '<section id="(\w+)">') |
            ForEach-Object { $_.Groups[1].Value } }
    }
    AfterAll { $result.Interpreter, $model | Remove-HyperDasModel }

    It 'puts everything that comes down the pipeline into one page' {
        $passed = $result, $scores, $interventions | Export-HyperDasReport "$TestDrive/new/report.html" -Title 'My <report>' -PassThru
        $passed | Should -HaveCount (1 + $scores.Count + $interventions.Count)
        Get-Section "$TestDrive/new/report.html" | Should -Be 'scores', 'training', 'selection'
        [System.IO.File]::ReadAllText("$TestDrive/new/report.html") | Should -Match '<h1>My &lt;report&gt;</h1>'
    }

    It 'takes the objects one by one as well' {
        & { $result; $scores; $interventions } | Export-HyperDasReport "$TestDrive/one.html"
        Get-Section "$TestDrive/one.html" | Should -Be 'scores', 'training', 'selection'
    }

    It 'reads the folder of a run, as text or as a folder, and its configuration' {
        "$TestDrive/run" | Export-HyperDasReport "$TestDrive/folder.html"
        Get-Section "$TestDrive/folder.html" | Should -Be 'scores', 'training'
        [System.IO.File]::WriteAllText("$TestDrive/run/experiment.yaml", "seed: 1`n")
        [System.IO.DirectoryInfo] "$TestDrive/run" | Export-HyperDasReport "$TestDrive/folder.html" -Force
        Get-Section "$TestDrive/folder.html" | Should -Be 'scores', 'training', 'run'
        [System.IO.File]::ReadAllText("$TestDrive/folder.html") | Should -Match '<h1>run</h1>'
    }

    It 'reports the runs of a sweep as Invoke-HyperDasExperiment gives them' {
        New-ToySweep "$TestDrive/sweep" | Invoke-HyperDasExperiment | Export-HyperDasReport "$TestDrive/sweep.html" -Title Sweep
        Get-Section "$TestDrive/sweep.html" | Should -Be 'scores', 'layers', 'training', 'run'
        Invoke-HyperDasExperiment "$TestDrive/sweep/toy.yaml" | ForEach-Object { [System.IO.DirectoryInfo] $_.Path } |
            Export-HyperDasReport "$TestDrive/folders.html" -Title Sweep
        [System.IO.File]::ReadAllText("$TestDrive/folders.html") |
            Should -BeExactly ([System.IO.File]::ReadAllText("$TestDrive/sweep.html"))
    }

    It 'reads single files' {
        "$TestDrive/run/scores.json" | Export-HyperDasReport "$TestDrive/file.html"
        Get-Section "$TestDrive/file.html" | Should -Be 'scores'
    }

    It 'goes on after an input that is no result' {
        $result.Interpreter, $scores[0] | Export-HyperDasReport "$TestDrive/rest.html" -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems[0].FullyQualifiedErrorId | Should -Be "PlotInputInvalid,$command"
        "$TestDrive/rest.html" | Should -Exist
    }

    It 'names a folder without a run' {
        $empty = [System.IO.Directory]::CreateDirectory("$TestDrive/empty").FullName
        $empty | Export-HyperDasReport "$TestDrive/none.html" -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems[0].FullyQualifiedErrorId | Should -Be "RunFolderInvalid,$command"
        "$TestDrive/none.html" | Should -Not -Exist
    }

    It 'replaces a page only with -Force, and writes nothing under -WhatIf' {
        $scores | Export-HyperDasReport "$TestDrive/twice.html" -WhatIf
        "$TestDrive/twice.html" | Should -Not -Exist
        $scores | Export-HyperDasReport "$TestDrive/twice.html"
        { $scores | Export-HyperDasReport "$TestDrive/twice.html" -ErrorAction Stop } | Should -Throw -ErrorId "OutputExists,$command"
        { $scores | Export-HyperDasReport "$TestDrive/twice.html" -Force -ErrorAction Stop } | Should -Not -Throw
    }
}
