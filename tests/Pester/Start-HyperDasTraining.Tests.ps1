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

    It 'trains <Method>, scores it, and reads it back from its folder' -ForEach @(
        @{ Method = 'Mdas'; More = @{ FeatureDimension = 8; Epochs = 1; BatchSize = 4; LearningRate = 0.01 } }
        @{ Method = 'Das'; More = @{ FeatureDimension = 8; MaxSteps = 1 } }
        @{ Method = 'Dbm'; More = @{ Epochs = 1; TrainingOption = @{ TemperatureEnd = 0.1 }; MethodOption = @{ MaskPenalty = 0.001 } } }
        @{ Method = 'Pca'; More = @{ MethodOption = @{ ProbeStrength = 10 } } }
        @{ Method = 'Sae'; More = @{ Epochs = 2; BatchSize = 4; MethodOption = @{ LatentMultiple = 2; ProbeStrength = 10 } } }
        @{ Method = 'Rlap'; More = @{ FeatureDimension = 4; MaxSteps = 3; LearningRate = 0.1 } }
    ) {
        $folder = "$TestDrive/$Method"
        $result = Start-HyperDasTraining $model $dataset -Layer 2 -Method $Method @More -OutputPath $folder
        $result.Interpreter.Method | Should -BeExactly $Method
        $loaded = Import-HyperDasModel -Interpreter $folder -Model $model
        $loaded.Method | Should -BeExactly $Method
        $loaded.FeatureDimension | Should -Be $result.Interpreter.FeatureDimension
        $scores = $result.Interpreter, $loaded | ForEach-Object { Measure-RavelScore $_ $dataset | Where-Object Attribute -EQ 'Country' }
        $scores | Should -HaveCount 2
        $scores[1].Cause | Should -Be $scores[0].Cause
        $scores[1].Isolate | Should -Be $scores[0].Isolate
        $result.Interpreter, $loaded | Remove-HyperDasModel
        "$loaded" | Should -BeLike "$Method at layer 2*"
        { $loaded.FeatureDimension } | Should -Not -Throw
    }

    It 'keeps the defaults of the method beside named training options' {
        $output = Start-HyperDasTraining $model $dataset -Layer 2 -Method Dbm -MaxSteps 1 -TrainingOption @{ TemperatureEnd = 0.5 } -Verbose 4>&1
        ($output | Where-Object Message -Like '*TemperatureStart = 1, TemperatureEnd = 0.5,*') | Should -HaveCount 1
    }

    It 'refuses <Name> with <Method>' -ForEach @(
        @{ Method = 'Mdas'; Name = 'Reflections'; Value = 4 }
        @{ Method = 'Pca'; Name = 'Epochs'; Value = 2 }
        @{ Method = 'Sae'; Name = 'FeatureDimension'; Value = 2 }
        @{ Method = 'Das'; Name = 'Faithful'; Value = $true }
        @{ Method = 'HyperDas'; Name = 'MethodOption'; Value = @{} }
    ) {
        $more = @{ $Name = $Value }
        { Start-HyperDasTraining $model $dataset -Layer 2 -Method $Method @more -ErrorAction Stop } | Should -Throw -ErrorId "ParameterUnused,$command"
    }

    It 'refuses <Case>' -ForEach @(
        @{ Case = 'an option that the method does not have'; More = @{ MethodOption = @{ Epochs = 2 } } }
        @{ Case = 'options of another method'; More = @{ MethodOption = [HyperDas.SaeOptions]@{ Layer = 2 } } }
        @{ Case = 'a training option that does not exist'; More = @{ TrainingOption = @{ Epoch = 2 } } }
        @{ Case = 'a training option of another type'; More = @{ TrainingOption = @{ Epochs = 'many' } } }
    ) {
        { Start-HyperDasTraining $model $dataset -Layer 2 -Method Mdas @More -ErrorAction Stop } | Should -Throw -ErrorId "OptionInvalid,$command"
    }

    It 'trains in the background, and what the job returns is scored in the background too' {
        $job = Start-HyperDasTraining $model $dataset @small -AsJob
        $job | Should -BeOfType System.Management.Automation.Job
        $job.Location | Should -BeExactly 'cpu'
        $trained = $job | Wait-Job | Receive-Job
        $job.State | Should -Be 'Completed'
        $trained | Should -BeOfType HyperDas.TrainingResult
        $scores = Measure-RavelScore $trained.Interpreter $dataset -AsJob | Wait-Job | Receive-Job
        $scores[0].Cause | Should -Be (Measure-RavelScore $trained.Interpreter $dataset)[0].Cause
        Get-Job | Remove-Job
    }

    It 'gives up a background training that is stopped' {
        $job = Start-HyperDasTraining $model $dataset -Layer 2 -FeatureDimension 8 -Blocks 1 -Epochs 100000 -AsJob
        $job | Stop-Job
        $job.State | Should -Be 'Stopped'
        $job | Receive-Job | Should -BeNullOrEmpty
        $job | Remove-Job
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
