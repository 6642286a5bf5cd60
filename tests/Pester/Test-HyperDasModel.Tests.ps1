Describe 'Test-HyperDasModel' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $command = 'HyperDas.Commands.TestHyperDasModelCommand'
        $model = Import-HyperDasModel $toyPath
    }
    AfterAll { Remove-HyperDasModel $model }

    It 'gives one result for each check, all passed for a sound model' {
        $checks = Test-HyperDasModel $model
        $checks | Should -BeOfType HyperDas.ModelCheck
        $checks.Name | Should -Be FiniteWeights, AllTensorsRead, TokenizerFitsModel, BatchedEqualsSingle, LeftEqualsRight,
            CachedEqualsUncached, LayerConvention, PartialEqualsFull, SavedEqualsLoaded
        $checks | Where-Object { -not $_.Passed } | Should -BeNullOrEmpty
        $checks[3].Tolerance | Should -Be 1e-4
        $checks[2].Model | Should -Be 'toy'
    }

    It 'takes a model, a folder and an interpreter from the pipeline' {
        ($model | Test-HyperDasModel).Count | Should -Be 9
        # What is computed in decides: a processor without bfloat16 products computes in float32.
        $tolerance = @{ BFloat16 = 5e-2; Float32 = 1e-4 }["$((Import-HyperDasModel $toyPath -Dtype BFloat16).ComputeDtype)"]
        ($toyPath | Test-HyperDasModel -Dtype BFloat16)[3].Tolerance | Should -Be $tolerance
        (New-ToyTraining $model (New-ToyDataset) | Test-HyperDasModel).Name |
            Should -Be InterventionsEqualSingle, InterpreterEqualsLoaded
    }

    It 'shows the name of every check in one line at 80 columns' {
        $dataset = New-ToyDataset
        $checks = @(Test-HyperDasModel $model -Dataset $dataset) + @(New-ToyTraining $model $dataset | Test-HyperDasModel)
        $table = $checks | Format-Table | Out-String -Width 80
        $checks.Count | Should -BeGreaterThan 12
        foreach ($name in $checks.Name) { $table | Should -Match "(?m)^$name " }
    }

    It 'takes folders by wildcard, and literally' {
        $folder = New-ToyFolder $TestDrive
        (Test-HyperDasModel -LiteralPath $folder).Count | Should -Be 9
        (Test-HyperDasModel "$TestDrive/toy ?1? ???????????????????????????????????? copy").Count | Should -Be 9
    }

    It 'finds a tokenizer of another model, and a folder that lacks one' {
        $folder = New-ToyFolder $TestDrive
        [System.IO.File]::Copy("$repository/examples/models/mini-llama/tokenizer.json", "$folder/tokenizer.json", $true)
        $failed = Test-HyperDasModel -LiteralPath $folder | Where-Object { -not $_.Passed }
        $failed.Name | Should -Be 'TokenizerFitsModel'
        $failed.Count -gt 0 | Should -BeTrue
        [System.IO.File]::Delete("$folder/tokenizer.json")
        (Test-HyperDasModel -LiteralPath $folder | Where-Object { -not $_.Passed }).Name | Should -Be 'TokenizerFitsModel'
    }

    It 'counts what a dataset loses with -Dataset, which is not required' {
        $counts = Test-HyperDasModel $model -Dataset (New-ToyDataset) | Where-Object { -not $_.Required -and $_.Name -ne 'AllTensorsRead' }
        $counts.Name | Should -Be LabelsWithinLimit, FactsKnown
        $counts.Passed | Should -Be $true, $false
        $counts[1].Count | Should -Be $counts[1].Total
    }

    It 'takes own prompts, layers and tolerance' {
        $checks = Test-HyperDasModel $model -Prompt 'one', 'two or three' -Layer 1, 2 -Tolerance 0.5
        $checks[3].Tolerance | Should -Be 0.5
        { Test-HyperDasModel $model -Prompt 'one' -ErrorAction Stop } | Should -Throw -ErrorId "CheckOptionInvalid,$command"
        { Test-HyperDasModel $model -Layer 4 -ErrorAction Stop } | Should -Throw -ErrorId "LayerInvalid,$command"
        { Test-HyperDasModel "$TestDrive/missing" -ErrorAction Stop } | Should -Throw -ErrorId "PathNotFound,$command"
    }

    It 'stops between two checks when the pipeline has enough, and releases the model' {
        foreach ($once in 1) { Test-HyperDasModel $toyPath | ForEach-Object { $name = $_.Name; break } }
        $name | Should -Be 'FiniteWeights'
    }

    It 'is what experiments do first' {
        $folder = [System.IO.Directory]::CreateDirectory("$TestDrive/$([guid]::NewGuid())").FullName
        $result = Invoke-HyperDasExperiment (New-ToySweep $folder) -Index 0 -WarningVariable counted -WarningAction SilentlyContinue
        [System.IO.File]::Exists("$($result.Path)/model-check.json") | Should -BeTrue
        $result.ModelChecks.Count | Should -Be 11
        "$counted" | Should -BeLike "*doesn't answer*"
    }
}
