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
        $passed = $intervention | Export-HyperDasHeatmap "$TestDrive/new/heatmap.svg" -PassThru
        [object]::ReferenceEquals($passed, $intervention) | Should -BeTrue
        $picture = [xml] [System.IO.File]::ReadAllText("$TestDrive/new/heatmap.svg")
        $picture.svg.title | Should -BeLike 'the country of a city*'
        @($picture.svg.text).Count | Should -BeGreaterThan $intervention.SourceTokens.Count
    }

    It 'draws a PNG picture where the path says so' {
        $intervention | Export-HyperDasHeatmap "$TestDrive/heatmap.png"
        [System.IO.File]::ReadAllBytes("$TestDrive/heatmap.png")[1..3] | ForEach-Object { [char] $_ } | Should -Be 'P', 'N', 'G'
    }

    It 'draws the selection modes that come down the pipeline side by side' {
        'Soft', 'OneToOne' | ForEach-Object {
            Invoke-HyperDasIntervention $interpreter 'Vienna is in' 'I love Paris' 'the country of a city' -SelectionMode $_
        } | Export-HyperDasHeatmap "$TestDrive/modes.svg"
        $texts = ([xml] [System.IO.File]::ReadAllText("$TestDrive/modes.svg")).svg.text | ForEach-Object { $_.'#text' }
        @($texts | Where-Object { $_ -match '^(Soft|OneToOne): ' }).Count | Should -Be 2
        @($texts | Where-Object { $_ -eq 'no intervention' }).Count | Should -Be 1
    }

    It 'writes nothing to the pipeline unless asked to' {
        $intervention | Export-HyperDasHeatmap "$TestDrive/quiet.svg" | Should -BeNullOrEmpty
    }

    It 'replaces a picture only with -Force' {
        $intervention | Export-HyperDasHeatmap "$TestDrive/twice.svg"
        { $intervention | Export-HyperDasHeatmap "$TestDrive/twice.svg" -ErrorAction Stop } | Should -Throw -ErrorId "OutputExists,$command"
        { $intervention | Export-HyperDasHeatmap "$TestDrive/twice.svg" -Force -ErrorAction Stop } | Should -Not -Throw
    }

    It 'refuses a format that it does not know' {
        { $intervention | Export-HyperDasHeatmap "$TestDrive/heatmap.jpeg" -ErrorAction Stop } |
            Should -Throw -ErrorId "PictureFormatInvalid,$command"
    }

    It 'writes nothing under -WhatIf' {
        $intervention | Export-HyperDasHeatmap "$TestDrive/whatif.svg" -WhatIf
        "$TestDrive/whatif.svg" | Should -Not -Exist
    }
}
