Describe 'Export-HyperDasHeatmap' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $command = 'HyperDas.Commands.ExportHyperDasHeatmapCommand'
        $model = Import-HyperDasModel $toyPath
        $dataset = New-ToyDataset
        $result = New-ToyTraining $model $dataset
        $interpreter = $result.Interpreter
        $intervention = Invoke-HyperDasIntervention $interpreter 'Vienna is in' 'I love Paris' 'the country of a city'
    }
    AfterAll { $interpreter, $model | Remove-HyperDasModel }

    It 'draws an SVG picture, and makes the folder' {
        $file = $intervention | Export-HyperDasHeatmap "$TestDrive/new/heatmap.svg" -PassThru
        $file | Should -BeOfType System.IO.FileInfo
        $picture = [xml] [System.IO.File]::ReadAllText($file.FullName)
        $picture.svg.title | Should -BeLike 'the country of a city*'
        @($picture.svg.text).Count | Should -BeGreaterThan $intervention.SourceTokens.Count
    }

    It 'writes nothing to the pipeline unless asked to' {
        $intervention | Export-HyperDasHeatmap "$TestDrive/quiet.svg" | Should -BeNullOrEmpty
    }

    It 'replaces a picture only with -Force' {
        $intervention | Export-HyperDasHeatmap "$TestDrive/twice.svg"
        { $intervention | Export-HyperDasHeatmap "$TestDrive/twice.svg" -ErrorAction Stop } | Should -Throw -ErrorId "OutputExists,$command"
        { $intervention | Export-HyperDasHeatmap "$TestDrive/twice.svg" -Force -ErrorAction Stop } | Should -Not -Throw
    }

    It 'writes nothing under -WhatIf' {
        $intervention | Export-HyperDasHeatmap "$TestDrive/whatif.svg" -WhatIf
        "$TestDrive/whatif.svg" | Should -Not -Exist
    }
}
