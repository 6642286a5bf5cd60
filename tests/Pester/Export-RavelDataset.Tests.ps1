Describe 'Export-RavelDataset' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $command = 'HyperDas.Commands.ExportRavelDatasetCommand'
        $dataset = New-ToyDataset
    }

    It 'writes a file that Import-RavelDataset reads as the same dataset' {
        $dataset | Export-RavelDataset "$TestDrive/toy.jsonl"
        $again = Import-RavelDataset "$TestDrive/toy.jsonl"
        $again | Should -BeOfType HyperDas.RavelDataset
        $again.Train | Should -Be $dataset.Train
        $again.Attributes | Should -Be 'Country'
    }

    It 'writes a manifest beside it, and the file is refused when it is another' {
        $dataset | Export-RavelDataset "$TestDrive/known.jsonl"
        [System.IO.File]::ReadAllText("$TestDrive/known.manifest.json") | Should -BeLike '*"sha256": "*"count": 6*'
        [System.IO.File]::WriteAllText("$TestDrive/known.jsonl",
            [System.IO.File]::ReadAllText("$TestDrive/known.jsonl").Replace('Vienna', 'Venice'))
        { Import-RavelDataset "$TestDrive/known.jsonl" -ErrorAction Stop } |
            Should -Throw -ErrorId 'DatasetManifestMismatch,HyperDas.Commands.ImportRavelDatasetCommand'
    }

    It 'passes the dataset on when asked to' {
        $dataset | Export-RavelDataset "$TestDrive/quiet.jsonl" | Should -BeNullOrEmpty
        $passed = $dataset | Export-RavelDataset "$TestDrive/passed.jsonl" -PassThru
        $passed | Should -BeOfType HyperDas.RavelDataset
        $passed.Name | Should -BeExactly $dataset.Name
    }

    It 'replaces a file only with -Force' {
        $dataset | Export-RavelDataset "$TestDrive/twice.jsonl"
        { $dataset | Export-RavelDataset "$TestDrive/twice.jsonl" -ErrorAction Stop } | Should -Throw -ErrorId "OutputExists,$command"
        { $dataset | Export-RavelDataset "$TestDrive/twice.jsonl" -Force -ErrorAction Stop } | Should -Not -Throw
    }

    It 'writes nothing under -WhatIf' {
        $dataset | Export-RavelDataset "$TestDrive/whatif.jsonl" -WhatIf
        "$TestDrive/whatif.jsonl" | Should -Not -Exist
    }

    It 'writes what is refused when it ends too early' {
        $dataset | Export-RavelDataset "$TestDrive/short.jsonl"
        $lines = [System.IO.File]::ReadAllLines("$TestDrive/short.jsonl")
        [System.IO.File]::WriteAllLines("$TestDrive/short.jsonl", [string[]] $lines[0..5])
        { Import-RavelDataset "$TestDrive/short.jsonl" -ErrorAction Stop } |
            Should -Throw -ErrorId 'DatasetFileCorrupt,HyperDas.Commands.ImportRavelDatasetCommand'
    }
}
