Describe 'Find-HyperDasLayer' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $command = 'HyperDas.Commands.FindHyperDasLayerCommand'
        $folder = [System.IO.Directory]::CreateTempSubdirectory('hyperdas layers [').FullName
        $sweep = New-ToySweep $folder
    }
    AfterAll { [System.IO.Directory]::Delete($folder, $true) }

    It 'ranks the layers that a document sweeps, and a run takes over what was found' {
        Find-HyperDasLayer -LiteralPath $sweep -WhatIf
        [System.IO.Directory]::Exists("$folder/runs") | Should -BeFalse
        $found = Find-HyperDasLayer -LiteralPath $sweep
        $found | Should -BeOfType HyperDas.LayerCandidate
        $found.Place | Should -Be 1, 2
        $found.Layer | Sort-Object | Should -Be 1, 2
        $found[1].LeftOut | Should -BeLike 'place 2 of 2'
        $line = @(($found | Out-String -Width 80) -split '\r?\n') | Measure-Object Length -Maximum
        $line.Maximum | Should -BeLessOrEqual 79

        $result = Invoke-HyperDasExperiment -LiteralPath $sweep -Set method.layer=auto
        $result.Layers[0].Layer | Should -Be $result.Mean.Layer
        (Get-HyperDasExperiment -LiteralPath $result.Path).State | Should -Be Finished
    }

    It 'refuses a layer that there is not, and other settings' {
        { Find-HyperDasLayer -LiteralPath $sweep -Layer 2, 9 -OutputPath "$folder/other" -ErrorAction Stop } |
            Should -Throw -ErrorId "LayerInvalid,$command"
        { Find-HyperDasLayer -LiteralPath $sweep -Set seed=9 -ErrorAction Stop } | Should -Throw -ErrorId "OutputExists,$command"
        { Find-HyperDasLayer -LiteralPath $sweep -Index 1 -ErrorAction Stop } | Should -Throw -ErrorId "RunNotFound,$command"
        { Find-HyperDasLayer -LiteralPath $sweep -Worker 1 -Force -ErrorAction Stop } | Should -Throw -ErrorId "ParameterUnused,$command"
    }
}
