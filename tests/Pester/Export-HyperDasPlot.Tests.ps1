Describe 'Export-HyperDasPlot' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $command = 'HyperDas.Commands.ExportHyperDasPlotCommand'
        $model = Import-HyperDasModel $toyPath
        $dataset = New-ToyDataset
        $result = Start-HyperDasTraining $model $dataset -Layer 2 -FeatureDimension 8 -Blocks 1 -Epochs 1 -BatchSize 4 `
            -OutputPath "$TestDrive/run"
        $scores = Measure-RavelScore $result.Interpreter $dataset -OutputPath "$TestDrive/run/scores.json"

        function New-Score([int] $Layer, [int] $FeatureDimension = 8) {
            [HyperDas.RavelScore]@{
                Domain = 'city'; Attribute = '(all)'; Method = 'HyperDas'; SelectionMode = 'Soft'; Cause = 10 * $Layer; Isolate = 90;
                CauseCount = 1; IsolateCount = 1
                Layer = $Layer; FeatureDimension = $FeatureDimension
            }
        }
        function Get-Text([string] $Path) { ([xml] [System.IO.File]::ReadAllText($Path)).SelectNodes('//*[local-name()="text"]') |
            ForEach-Object { $_.InnerText } }
    }
    AfterAll { $result.Interpreter, $model | Remove-HyperDasModel }

    It 'draws a training as its losses' {
        $passed = $result | Export-HyperDasPlot "$TestDrive/new/training.svg" -PassThru
        [object]::ReferenceEquals($passed, $result) | Should -BeTrue
        Get-Text "$TestDrive/new/training.svg" | Should -Contain 'prediction'
        Get-Text "$TestDrive/new/training.svg" | Should -Contain 'Training: HyperDas, layer 2, k = 8'
    }

    It 'draws scores as PNG too' {
        $scores | Export-HyperDasPlot "$TestDrive/scores.png"
        [System.IO.File]::ReadAllBytes("$TestDrive/scores.png")[1..3] | ForEach-Object { [char] $_ } | Should -Be 'P', 'N', 'G'
    }

    It 'reads metrics, scores and run folders by their paths, with wildcards' {
        "$TestDrive/ru*/metrics.jsonl" | Export-HyperDasPlot "$TestDrive/metrics.svg"
        Get-Text "$TestDrive/metrics.svg" | Should -Contain 'Training: run'
        [System.IO.FileInfo] "$TestDrive/run/scores.json" | Export-HyperDasPlot "$TestDrive/scores-file.svg"
        Get-Text "$TestDrive/scores-file.svg" | Should -Contain 'mean'
        Export-HyperDasPlot -InputObject "$TestDrive/run" -Kind Score -Path "$TestDrive/folder.svg"
        [System.IO.File]::ReadAllText("$TestDrive/folder.svg") |
            Should -BeExactly ([System.IO.File]::ReadAllText("$TestDrive/scores-file.svg"))
    }

    It 'draws a sweep over layers or dimensions' {
        1, 2, 4 | ForEach-Object { New-Score $_ } | Export-HyperDasPlot "$TestDrive/layers.svg" -Kind LayerSweep
        Get-Text "$TestDrive/layers.svg" | Where-Object { $_ -in '1', '2', '4' } | Should -HaveCount 3
        (New-Score 1 16), (New-Score 1 64) | Export-HyperDasPlot "$TestDrive/dimensions.svg" -Kind DimensionSweep
        Get-Text "$TestDrive/dimensions.svg" | Where-Object { $_ -in '16', '64' } | Should -HaveCount 2
    }

    It 'draws the runs of a sweep as Invoke-HyperDasExperiment gives them' {
        New-ToySweep "$TestDrive/sweep" | Invoke-HyperDasExperiment | Export-HyperDasPlot "$TestDrive/sweep.svg" -Kind LayerSweep
        Get-Text "$TestDrive/sweep.svg" | Where-Object { $_ -in '1', '2' } | Should -HaveCount 2
        Invoke-HyperDasExperiment "$TestDrive/sweep/toy.yaml" | Export-HyperDasPlot "$TestDrive/sweep-training.svg" -Kind TrainingCurve
        Get-Text "$TestDrive/sweep-training.svg" | Where-Object { $_ -like '*layer*' } | Should -HaveCount 2
    }

    It 'draws how alike concepts are' {
        $result.Interpreter | Export-HyperDasPlot "$TestDrive/similarity.svg" -Dataset $dataset
        Get-Text "$TestDrive/similarity.svg" | Should -Contain 'Country'
        $result | Export-HyperDasPlot "$TestDrive/reflections.svg" -Kind ConceptSimilarity -Measure Reflection `
            -Dataset $dataset -Title 'Mine'
        Get-Text "$TestDrive/reflections.svg" | Should -Contain 'Mine'
        $result | Export-HyperDasPlot "$TestDrive/wide.svg" -Dataset $dataset -Width 1200 -Height 900
        $wide = ([xml] [System.IO.File]::ReadAllText("$TestDrive/wide.svg")).svg
        $wide.width, $wide.height | Should -Be '1200', '900'
        { $result.Interpreter | Export-HyperDasPlot "$TestDrive/none.svg" -ErrorAction Stop } |
            Should -Throw -ErrorId "DatasetMissing,$command"
    }

    It 'goes on after an input that cannot be drawn' {
        7, $scores[0] | Export-HyperDasPlot "$TestDrive/rest.svg" -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems[0].FullyQualifiedErrorId | Should -Be "PlotInputInvalid,$command"
        "$TestDrive/rest.svg" | Should -Exist
    }

    It 'says what a kind of plot needs' {
        { $scores | Export-HyperDasPlot "$TestDrive/none.svg" -Kind TrainingCurve -ErrorAction Stop } |
            Should -Throw -ErrorId "PlotInputInvalid,$command"
        { New-Score 1 | Export-HyperDasPlot "$TestDrive/none.svg" -Kind LayerSweep -ErrorAction Stop } |
            Should -Throw -ErrorId "PlotInputInvalid,$command"
        { "$TestDrive/nowhere.jsonl" | Export-HyperDasPlot "$TestDrive/none.svg" -ErrorAction Stop } |
            Should -Throw -ErrorId "PathNotFound,$command"
    }

    It 'replaces a picture only with -Force, and writes nothing under -WhatIf' {
        $scores | Export-HyperDasPlot "$TestDrive/twice.svg" -WhatIf
        "$TestDrive/twice.svg" | Should -Not -Exist
        $scores | Export-HyperDasPlot "$TestDrive/twice.svg"
        { $scores | Export-HyperDasPlot "$TestDrive/twice.svg" -ErrorAction Stop } | Should -Throw -ErrorId "OutputExists,$command"
        { $scores | Export-HyperDasPlot "$TestDrive/twice.svg" -Force -ErrorAction Stop } | Should -Not -Throw
    }
}
