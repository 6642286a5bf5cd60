# Datasets: built from what a model knows, written to a file, read again.
Describe 'A RAVEL dataset' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $model = Import-HyperDasModel $toyPath
        $dataset = New-ToyDataset
    }
    AfterAll { $model | Remove-HyperDasModel }

    It 'survives export and import' {
        $dataset | Export-RavelDataset "$TestDrive/toy.jsonl"
        $again = Import-RavelDataset "$TestDrive/toy.jsonl"
        $again | Should -BeOfType HyperDas.RavelDataset
        $again.Train | Should -Be $dataset.Train
        $again.Attributes | Should -Be 'Country'
    }

    It 'is written over an older file only with -Force' {
        $dataset | Export-RavelDataset "$TestDrive/twice.jsonl"
        { $dataset | Export-RavelDataset "$TestDrive/twice.jsonl" -ErrorAction Stop } | Should -Throw -ErrorId 'OutputExists,HyperDas.Commands.ExportRavelDatasetCommand'
        { $dataset | Export-RavelDataset "$TestDrive/twice.jsonl" -Force -ErrorAction Stop } | Should -Not -Throw
    }

    It 'is not written under -WhatIf' {
        $dataset | Export-RavelDataset "$TestDrive/whatif.jsonl" -WhatIf
        "$TestDrive/whatif.jsonl" | Should -Not -Exist
    }

    It 'is refused when its file ends too early' {
        $dataset | Export-RavelDataset "$TestDrive/short.jsonl"
        $lines = [System.IO.File]::ReadAllLines("$TestDrive/short.jsonl")
        [System.IO.File]::WriteAllLines("$TestDrive/short.jsonl", [string[]] $lines[0..5])
        { Import-RavelDataset "$TestDrive/short.jsonl" -ErrorAction Stop } | Should -Throw -ErrorId 'DatasetFileCorrupt,HyperDas.Commands.ImportRavelDatasetCommand'
    }

    Context 'New-RavelDataset' {
        BeforeAll { $command = 'HyperDas.Commands.NewRavelDatasetCommand' }

        It 'says so when the model knows none of the facts' {
            { Import-RavelDataset $ravelPath city | New-RavelDataset $model -MaxTokens 200 -ErrorAction Stop } | Should -Throw -ErrorId "DatasetImpossible,$command"
        }

        It 'names an attribute that no domain has' {
            { Import-RavelDataset $ravelPath city | New-RavelDataset $model -Attribute Smell -ErrorAction Stop } | Should -Throw -ErrorId "AttributeNotFound,$command"
        }

        It 'refuses to build a dataset of nothing' {
            { Import-RavelDataset $ravelPath city | New-RavelDataset $model -TrainCount 0 -ValCount 0 -TestCount 0 -ErrorAction Stop } |
                Should -Throw -ErrorId "DatasetOptionsInvalid,$command"
        }
    }
}
