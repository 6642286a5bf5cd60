Describe 'Start-HyperDasTraining' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $command = 'HyperDas.Commands.StartHyperDasTrainingCommand'
        $model = Import-HyperDasModel $toyPath
        $dataset = New-ToyDataset
        $small = @{ Layer = 2; FeatureDimension = 8; Blocks = 1; Epochs = 1; BatchSize = 4 }
    }
    AfterAll { $model | Remove-HyperDasModel }

    It 'waits and returns the interpreter with its metrics' {
        $result = Start-HyperDasTraining $model $dataset @small
        $result | Should -BeOfType HyperDas.TrainingResult
        $result.Interpreter | Should -BeOfType HyperDas.InterpreterHandle
        $result.Interpreter.Layer | Should -Be 2
        $result.Metrics | Should -HaveCount 3
    }

    It 'takes the dataset from the pipeline' {
        ($dataset | Start-HyperDasTraining $model @small).Steps | Should -Be 3
    }

    It 'gives the same losses for the same seed' {
        $first, $second, $other = 1, 1, 2 | ForEach-Object { (Start-HyperDasTraining $model $dataset @small -Seed $_).Metrics[-1].Loss }
        $second | Should -Be $first
        $other | Should -Not -Be $first
    }

    It 'lets named parameters win over option objects' {
        $result = Start-HyperDasTraining $model $dataset @small -TrainingOption @{ Epochs = 5; DecayFrom = 0.5 } -NetworkOption @{ Layer = 1; Subspace = 'LowRank' }
        $result.Steps | Should -Be 3
        $result.Interpreter.Subspace | Should -Be 'LowRank'
        $result.Interpreter.Layer | Should -Be 2
    }

    It 'takes every default from the option records' {
        $network = [HyperDas.HypernetworkOptions]@{ Layer = 2 }
        $output = Start-HyperDasTraining $model $dataset -Layer 2 -MaxSteps 1 -Verbose 4>&1
        $output[-1].Interpreter.FeatureDimension | Should -Be $network.FeatureDimension
        $output.Message | Should -Contain "$network"
        $output.Message | Should -Contain "$([HyperDas.TrainingOptions]@{ MaxSteps = 1 })"
    }

    It 'writes the interpreter and its metrics, as JSON Lines, to a folder' {
        $result = Start-HyperDasTraining $model $dataset @small -OutputPath "$TestDrive/both"
        $result.MetricsPath | Should -BeExactly ([System.IO.Path]::Combine($TestDrive, 'both', 'metrics.jsonl'))
        [System.IO.File]::ReadAllLines($result.MetricsPath) | Should -HaveCount 3
    }

    It 'writes no metrics unless asked to' {
        (Start-HyperDasTraining $model $dataset @small).MetricsPath | Should -BeNullOrEmpty
    }

    It 'writes metrics elsewhere when told so' {
        $result = Start-HyperDasTraining $model $dataset @small -MetricsPath "$TestDrive/m/metrics.jsonl" -OutputPath "$TestDrive/interpreter"
        [System.IO.File]::ReadAllLines("$TestDrive/m/metrics.jsonl") | Should -HaveCount 3
        "$TestDrive/interpreter/metrics.jsonl" | Should -Not -Exist
        (Import-HyperDasModel -Interpreter "$TestDrive/interpreter" -Model $model).FeatureDimension | Should -Be 8
    }

    It 'writes nothing and trains nothing under -WhatIf' {
        Start-HyperDasTraining $model $dataset @small -OutputPath "$TestDrive/whatif" -WhatIf | Should -BeNullOrEmpty
        "$TestDrive/whatif" | Should -Not -Exist
    }

    It 'replaces an interpreter only with -Force, and says so before it trains' {
        $folder = "$TestDrive/twice"
        $null = Start-HyperDasTraining $model $dataset @small -OutputPath $folder
        { Start-HyperDasTraining $model $dataset @small -OutputPath $folder -ErrorAction Stop } | Should -Throw -ErrorId "OutputExists,$command"
        { Start-HyperDasTraining $model $dataset @small -OutputPath $folder -Force -ErrorAction Stop } | Should -Not -Throw
    }

    It 'refuses a layer that the model does not have' {
        { Start-HyperDasTraining $model $dataset -Layer 4 -ErrorAction Stop } | Should -Throw -ErrorId "LayerInvalid,$command"
    }

    It 'refuses a feature dimension that the model has no room for' {
        { Start-HyperDasTraining $model $dataset -Layer 2 -FeatureDimension 33 -ErrorAction Stop } | Should -Throw -ErrorId "OptionInvalid,$command"
    }

    It 'refuses a dataset without training examples' {
        $empty = [HyperDas.RavelDataset]::new('empty', [string[]]@(), [string[]]@(), [HyperDas.RavelExample[]]@(), [HyperDas.RavelExample[]]@(),
            [HyperDas.RavelExample[]]@(), 1, [HyperDas.RavelBuildCounts]::new(0, 0, 0, 0))
        { Start-HyperDasTraining $model $empty @small -ErrorAction Stop } | Should -Throw -ErrorId "DatasetEmpty,$command"
    }
}
