Describe 'New-HyperDasExperiment' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $command = 'HyperDas.Commands.NewHyperDasExperimentCommand'
    }

    It 'writes a document that is right as it is' {
        $file = New-HyperDasExperiment "$TestDrive/new/my.yaml" -ModelPath $toyPath -DataPath $ravelPath -Domain city -Layer 2
        $file | Should -BeOfType System.IO.FileInfo
        $run = Test-HyperDasExperiment $file.FullName
        $run.Name | Should -Be 'my'
        $run.Settings.Method.Layer | Should -Be 2
        $run.Settings.Data.Domains | Should -Be 'city'
        $run.Settings.Target.Path | Should -Be $toyPath
        [System.IO.File]::Exists("$TestDrive/new/hyperdas.schema.json") | Should -BeTrue
    }

    It 'explains the keys of the method' {
        $text = [System.IO.File]::ReadAllText(('mdas.yaml' | ForEach-Object { "$TestDrive/$_" } |
            New-HyperDasExperiment -Method Mdas).FullName)
        $text | Should -Match '  name: mdas'
        $text | Should -Match '# featureDimension: 24'
        $text | Should -Not -Match 'reflections'
    }

    It 'replaces a document only with -Force' {
        $first = New-HyperDasExperiment "$TestDrive/twice.yaml"
        { New-HyperDasExperiment $first.FullName -ErrorAction Stop } | Should -Throw -ErrorId "OutputExists,$command"
        (New-HyperDasExperiment $first.FullName -Layer 4 -Force).FullName | Should -Be $first.FullName
        [System.IO.File]::ReadAllText($first.FullName) | Should -Match 'layer: 4'
    }

    It 'writes nothing under -WhatIf' {
        New-HyperDasExperiment "$TestDrive/whatif/my.yaml" -WhatIf | Should -BeNullOrEmpty
        "$TestDrive/whatif" | Should -Not -Exist
    }

    It 'takes domains by pattern where the data are' {
        $file = New-HyperDasExperiment "$TestDrive/patterns/any.yaml" -DataPath $ravelPath -Domain 'c*', 'verb'
        [System.IO.File]::ReadAllText($file.FullName) | Should -BeLike '*domains: `[city, verb`]*'
        { New-HyperDasExperiment "$TestDrive/patterns/other.yaml" -Domain 'c*' -ErrorAction Stop } |
            Should -Throw -ErrorId 'DomainNotFound,*' -ExpectedMessage '*-DataPath*'
        "$TestDrive/patterns/other.yaml" | Should -Not -Exist
    }
}
