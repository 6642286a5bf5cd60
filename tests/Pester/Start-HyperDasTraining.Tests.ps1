# Cases name types of the module.
BeforeDiscovery { . "$PSScriptRoot/common.ps1" }

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

    It 'finds the layer with -Layer Auto, and keeps what it found beside the state' {
        $auto = @{ Layer = 'Auto'; FeatureDimension = 8; Blocks = 1; Epochs = 1; BatchSize = 4 }
        $first = Start-HyperDasTraining $model $dataset @auto -StatePath "$TestDrive/auto"
        $first.Layers.Layer | Sort-Object | Should -Be 1, 2, 3
        $first.Interpreter.Layer | Should -Be $first.Layers[0].Layer
        $again = Start-HyperDasTraining $model $dataset @auto -StatePath "$TestDrive/auto"
        $again.Interpreter.Layer | Should -Be $first.Interpreter.Layer
        $again.Layers.ProcessorTime | Should -Be $first.Layers.ProcessorTime -Because 'nothing is looked for again'
        (Start-HyperDasTraining $model $dataset @auto).Layers.Layer | Should -Be $first.Layers.Layer
        { Start-HyperDasTraining $model $dataset -Layer Auto -From $first -ErrorAction Stop } |
            Should -Throw -ErrorId "LayerInvalid,$command"
        foreach ($wrong in -1, [int]::MinValue, 9) {
            { Start-HyperDasTraining $model $dataset -Layer $wrong -ErrorAction Stop } | Should -Throw -ErrorId "LayerInvalid,$command"
        }
    }

    It 'lets named parameters win over option objects' {
        $result = Start-HyperDasTraining $model $dataset @small -TrainingOption @{ Epochs = 5; DecayFrom = 0.5 } -NetworkOption @{
            Layer = 1; Subspace = 'LowRank' }
        $result.Steps | Should -Be 3
        $result.Interpreter.Subspace | Should -Be 'LowRank'
        $result.Interpreter.Layer | Should -Be 2
    }

    It 'lets option objects win over the original''s values, and these over defaults' {
        $output = Start-HyperDasTraining $model $dataset -Layer 2 -MaxSteps 1 -Faithful -MethodOption @{ Reflections = 2 } -Verbose 4>&1
        ($output | Where-Object Message -Like '*Reflections = 2,*PaddedSelfPositions = True*') | Should -HaveCount 1
    }

    It 'names what <Method> patches' -ForEach @(
        @{ Method = 'Dbm'; Subspace = 'HiddenDimensions'; More = @{ MaxSteps = 1 } }
        @{ Method = 'Sae'; Subspace = 'Latents'; More = @{ Epochs = 1 } }
        @{ Method = 'Pca'; Subspace = 'LowRank'; More = @{} }
    ) {
        (Start-HyperDasTraining $model $dataset -Layer 2 -Method $Method @More).Interpreter.Subspace | Should -BeExactly $Subspace
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
        $result = Start-HyperDasTraining $model $dataset @small -MetricsPath "$TestDrive/m/metrics.jsonl" `
            -OutputPath "$TestDrive/interpreter"
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
        { Start-HyperDasTraining $model $dataset @small -OutputPath $folder -ErrorAction Stop } |
            Should -Throw -ErrorId "OutputExists,$command"
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
        $output = Start-HyperDasTraining $model $dataset -Layer 2 -Method Dbm -MaxSteps 1 -TrainingOption @{
            TemperatureEnd = 0.5 } -Verbose 4>&1
        ($output | Where-Object Message -Like '*TemperatureStart = 1, TemperatureEnd = 0.5,*') | Should -HaveCount 1
    }

    It 'refuses <Name> with <Method>' -ForEach @(
        @{ Method = 'Mdas'; Name = 'Reflections'; Value = 4 }
        @{ Method = 'Pca'; Name = 'Epochs'; Value = 2 }
        @{ Method = 'Sae'; Name = 'FeatureDimension'; Value = 2 }
        @{ Method = 'Das'; Name = 'Faithful'; Value = $true }
        @{ Method = 'Pca'; Name = 'MaxSteps'; Value = 2 }
    ) {
        $more = @{ $Name = $Value }
        { Start-HyperDasTraining $model $dataset -Layer 2 -Method $Method @more -ErrorAction Stop } |
            Should -Throw -ErrorId "ParameterUnused,$command"
    }

    It 'refuses <Case>' -ForEach @(
        @{ Case = 'an option that the method does not have'; More = @{ MethodOption = @{ Epochs = 2 } } }
        @{ Case = 'a training option that does not exist'; More = @{ TrainingOption = @{ Epoch = 2 } } }
        @{ Case = 'a training option of another type'; More = @{ TrainingOption = @{ Epochs = 'many' } } }
    ) {
        { Start-HyperDasTraining $model $dataset -Layer 2 -Method Mdas @More -ErrorAction Stop } |
            Should -Throw -ErrorId "OptionInvalid,$command"
    }

    It 'refuses every training option out of its range, as C# and documents do' {
        $ranges = [HyperDas.TrainingOptions].GetProperties() |
            Where-Object { $_.IsDefined([System.ComponentModel.DataAnnotations.RangeAttribute], $true) }
        $ranges.Count | Should -BeGreaterThan 20
        foreach ($property in $ranges) {
            { Start-HyperDasTraining $model $dataset -Layer 2 -TrainingOption @{ $property.Name = -1 } -WhatIf -ErrorAction Stop } |
                Should -Throw -ErrorId "OptionInvalid,$command" -Because $property.Name
        }
    }

    It 'refuses a setting of the training that <Method> does not have' -ForEach @(
        @{ Method = 'Mdas'; Option = @{ LearningRate = 0.1 } }
        @{ Method = 'Pca'; Option = @{ Epochs = 2 } }
    ) {
        { Start-HyperDasTraining $model $dataset -Layer 2 -Method $Method -TrainingOption $Option -WhatIf -ErrorAction Stop } |
            Should -Throw -ErrorId "OptionInvalid,$command"
    }

    It 'refuses options of another method' {
        { Start-HyperDasTraining $model $dataset -Layer 2 -Method Mdas -MethodOption ([HyperDas.SaeOptions]@{
            Layer = 2 }) -ErrorAction Stop } |
            Should -Throw -ErrorId "CannotConvertArgumentNoMessage,$command"
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

    It 'goes on after a stop and ends as an undisturbed training' {
        $long = @{ Layer = 2; FeatureDimension = 8; Blocks = 1; BatchSize = 4; Epochs = 100 }
        $undisturbed = Start-HyperDasTraining $model $dataset @long -OutputPath "$TestDrive/undisturbed"
        $kept = @{ OutputPath = "$TestDrive/kept"; StatePath = "$TestDrive/kept/state" }
        $job = Start-HyperDasTraining $model $dataset @long @kept -CheckpointInterval 3 -AsJob
        while (-not [System.IO.File]::Exists("$TestDrive/kept/state/state.safetensors")) { [System.Threading.Thread]::Sleep(5) }
        $job | Stop-Job
        $job | Remove-Job
        "$TestDrive/kept/interpreter.json" | Should -Not -Exist
        { Start-HyperDasTraining $model $dataset @small @kept -ErrorAction Stop } | Should -Throw -ErrorId "StateMismatch,$command"

        $output = Start-HyperDasTraining $model $dataset @long @kept -Verbose 4>&1
        ($output | Where-Object Message -Like 'The training resumes from*step * of 300*') | Should -HaveCount 1
        foreach ($file in 'interpreter.safetensors', 'metrics.jsonl') {
            Get-Hex "$TestDrive/kept/$file" | Should -BeExactly (Get-Hex "$TestDrive/undisturbed/$file")
        }
        $output[-1].Metrics[-1].Loss | Should -Be $undisturbed.Metrics[-1].Loss
        (Measure-RavelScore $output[-1].Interpreter $dataset).Cause |
            Should -Be (Measure-RavelScore $undisturbed.Interpreter $dataset).Cause
    }

    It 'does not train again what has ended, and needs no -Force for its own output' {
        $kept = @{ OutputPath = "$TestDrive/ended"; StatePath = "$TestDrive/ended/state" }
        $first = Start-HyperDasTraining $model $dataset @small @kept
        $output = Start-HyperDasTraining $model $dataset @small @kept -Verbose 4>&1
        ($output | Where-Object Message -Like '*has already ended*nothing is trained again*') | Should -HaveCount 1
        $output[-1].Steps | Should -Be 3
        $output[-1].Metrics[-1].Loss | Should -Be $first.Metrics[-1].Loss
        { Start-HyperDasTraining $model $dataset @small @kept -Restart -ErrorAction Stop } | Should -Throw -ErrorId "OutputExists,$command"
    }

    It 'keeps <Method> too' -ForEach @(
        @{ Method = 'Mdas'; More = @{ Epochs = 1; FeatureDimension = 8 } }
        @{ Method = 'Pca'; More = @{} }
    ) {
        $first = Start-HyperDasTraining $model $dataset -Layer 2 -Method $Method @More -StatePath "$TestDrive/state-$Method"
        $again = Start-HyperDasTraining $model $dataset -Layer 2 -Method $Method @More -StatePath "$TestDrive/state-$Method"
        $again.Steps | Should -Be $first.Steps
        $again.Interpreter.FeatureDimension | Should -Be $first.Interpreter.FeatureDimension
    }

    It 'goes on in the number formats that the training began with, unless others are asked for' {
        $narrow = Import-HyperDasModel $toyPath -Dtype BFloat16
        $first = Start-HyperDasTraining $narrow $dataset @small -StatePath "$TestDrive/formats"
        $output = Start-HyperDasTraining (Import-HyperDasModel $toyPath) $dataset @small -StatePath "$TestDrive/formats" -Verbose 4>&1
        $output[-1].Metrics.Loss | Should -Be $first.Metrics.Loss
        $output[-1].Interpreter.Model.Dtype | Should -Be 'BFloat16'
        $output[-1].Interpreter.Model.ComputeDtype | Should -Be $narrow.ComputeDtype
        ($output | Where-Object Message -Like '*loaded again*BFloat16*Float32*') | Should -HaveCount 1
        $wide = Import-HyperDasModel $toyPath -Dtype Float32
        { Start-HyperDasTraining $wide $dataset @small -StatePath "$TestDrive/formats" -ErrorAction Stop } |
            Should -Throw -ErrorId "StateMismatch,$command"
    }

    It 'tells a second training which process has the folder' {
        $null = Start-HyperDasTraining $model $dataset @small -StatePath "$TestDrive/locked"
        $lock = [System.IO.File]::Open("$TestDrive/locked/lock", 'Open', 'ReadWrite', 'None')
        try { { Start-HyperDasTraining $model $dataset @small -StatePath "$TestDrive/locked" -ErrorAction Stop } |
            Should -Throw -ErrorId "StateLocked,$command" }
        finally { $lock.Dispose() }
    }

    It 'refuses a damaged state, and begins again with -Restart' {
        $null = Start-HyperDasTraining $model $dataset @small -StatePath "$TestDrive/damaged"
        [System.IO.File]::WriteAllText("$TestDrive/damaged/state.safetensors", 'no state')
        { Start-HyperDasTraining $model $dataset @small -StatePath "$TestDrive/damaged" -ErrorAction Stop } |
            Should -Throw -ErrorId "StateCorrupt,$command"
        (Start-HyperDasTraining $model $dataset @small -StatePath "$TestDrive/damaged" -Restart).Steps | Should -Be 3
    }

    It 'discards no state under -WhatIf' {
        $null = Start-HyperDasTraining $model $dataset @small -StatePath "$TestDrive/whatif-state"
        $before = [System.IO.File]::GetLastWriteTimeUtc("$TestDrive/whatif-state/state.safetensors")
        Start-HyperDasTraining $model $dataset @small -StatePath "$TestDrive/whatif-state" -Restart -WhatIf | Should -BeNullOrEmpty
        [System.IO.File]::GetLastWriteTimeUtc("$TestDrive/whatif-state/state.safetensors") | Should -Be $before
    }

    It 'refuses <Name> without a state folder' -ForEach @(
        @{ Name = 'Restart'; Value = $true }
        @{ Name = 'CheckpointInterval'; Value = 5 }
    ) {
        $more = @{ $Name = $Value }
        { Start-HyperDasTraining $model $dataset @small @more -ErrorAction Stop } | Should -Throw -ErrorId "StatePathMissing,$command"
    }

    It 'refuses a layer that the model does not have' {
        { Start-HyperDasTraining $model $dataset -Layer 4 -ErrorAction Stop } | Should -Throw -ErrorId "LayerInvalid,$command"
    }

    It 'refuses a feature dimension that the model has no room for' {
        { Start-HyperDasTraining $model $dataset -Layer 2 -FeatureDimension 33 -ErrorAction Stop } |
            Should -Throw -ErrorId "OptionInvalid,$command"
    }

    It 'refuses a dataset without training examples' {
        $empty = [HyperDas.RavelDataset]::new('empty', [string[]]@(), [string[]]@(), [HyperDas.RavelExample[]]@(),
            [HyperDas.RavelExample[]]@(),
            [HyperDas.RavelExample[]]@(), 1, [HyperDas.RavelBuildCounts]::new(0, 0, 0, 0))
        { Start-HyperDasTraining $model $empty @small -ErrorAction Stop } | Should -Throw -ErrorId "DatasetEmpty,$command"
    }

    Context 'with -Config' {
        BeforeAll {
            New-ToyDataset | Export-RavelDataset "$TestDrive/config.jsonl"
            $config = "$TestDrive/config.yaml"
            $lines = "target: { path: '$toyPath' }", 'data: { path: config.jsonl }', 'method: { layer: 2, featureDimension: 8, blocks: 1 }',
            'training: { epochs: 1, batchSize: 4 }', 'seed: 7'
            [System.IO.File]::WriteAllText($config, ($lines -join "`n"))
        }

        It 'takes model, data and settings from the document' {
            $result = Start-HyperDasTraining -Config $config
            $result.Steps | Should -Be 3
            $result.Seed | Should -Be 7
            $result.Interpreter.FeatureDimension | Should -Be 8
            $same = Start-HyperDasTraining $model $dataset @small -Seed 7
            $result.Metrics[-1].Loss | Should -Be $same.Metrics[-1].Loss
            $result.Interpreter.Model | Remove-HyperDasModel
        }

        It 'lets the command line win' {
            $result = $dataset | Start-HyperDasTraining -Config $config -Model $model -Layer 1 -Epochs 2 -Seed 3 `
                -TrainingOption @{ DecayFrom = 1 }
            $result.Steps | Should -Be 6
            $result.Seed | Should -Be 3
            $result.Interpreter.Layer | Should -Be 1
            $result.Interpreter.FeatureDimension | Should -Be 8
            (Start-HyperDasTraining -Config $config -Model $model -Dataset $dataset -Method Mdas -Layer 2 -Epochs 1).Interpreter.Method |
                Should -Be 'Mdas'
        }

        It 'writes to the folder that the document names' {
            $named = "$TestDrive/named.yaml"
            [System.IO.File]::WriteAllText($named, (($lines + 'outputs: { path: out }') -join "`n"))
            $result = Start-HyperDasTraining -Config $named -Model $model
            "$TestDrive/out/interpreter/interpreter.json" | Should -Exist
            [System.IO.Path]::GetFileName($result.MetricsPath) | Should -Be 'metrics.jsonl'
            { Start-HyperDasTraining -Config $named -Model $model -ErrorAction Stop } | Should -Throw -ErrorId "OutputExists,$command"
        }

        It 'refuses a document with mistakes or of several runs, and loads nothing under -WhatIf' {
            $wrong = "$TestDrive/wrong.yaml"
            [System.IO.File]::WriteAllText($wrong, (($lines -join "`n") -replace 'epochs', 'epocs'))
            { Start-HyperDasTraining -Config $wrong -ErrorAction Stop } | Should -Throw -ErrorId "ConfigInvalid,$command"
            [System.IO.File]::WriteAllText($wrong, (($lines + 'sweep: { method.layer: [1, 2] }') -join "`n"))
            { Start-HyperDasTraining -Config $wrong -ErrorAction Stop } | Should -Throw -ErrorId "ConfigSweeps,$command"
            Start-HyperDasTraining -Config $config -WhatIf | Should -BeNullOrEmpty
        }
    }

    It 'leaves out with a warning what a method has no use for and is a default of the session: <Case>' -ForEach @(
        @{ Case = 'by name'; Defaults = @{ 'Start-HyperDasTraining:Epochs' = 1 } }
        @{ Case = 'by pattern'; Defaults = @{ 'Start-HyperDas*:Epo*' = 1 } }
        @{ Case = 'by script block'; Defaults = @{ 'Start-HyperDasTraining:Epochs' = { 1 } } }
    ) {
        $PSDefaultParameterValues = $Defaults
        $result = Start-HyperDasTraining $model $dataset -Layer 2 -Method Pca -WarningVariable warnings `
            -WarningAction SilentlyContinue -ErrorAction Stop
        $result | Should -BeOfType HyperDas.TrainingResult
        $warnings | Should -HaveCount 1
        "$warnings" | Should -BeLike '*PSDefaultParameterValues*-Epochs*Pca*'
        $result.Interpreter | Remove-HyperDasModel
    }

    It 'refuses what a method has no use for where it is asked for, whatever the defaults' {
        $PSDefaultParameterValues = @{ 'Start-HyperDasTraining:Epochs' = 1 }
        { Start-HyperDasTraining $model $dataset -Layer 2 -Method Pca -Epochs 3 -ErrorAction Stop } |
            Should -Throw -ErrorId "ParameterUnused,$command"
    }

    It 'leaves out a checkpoint interval of the session where no state is kept' {
        $PSDefaultParameterValues = @{ '*:CheckpointInterval' = 7 }
        $result = Start-HyperDasTraining $model $dataset -Layer 2 -Method Pca -WarningVariable warnings `
            -WarningAction SilentlyContinue -ErrorAction Stop
        "$warnings" | Should -BeLike '*-CheckpointInterval*'
        $result.Interpreter | Remove-HyperDasModel
    }

    It 'loads the model of a folder for as long as its result needs it' {
        # Of models opened from here on none may stay; what earlier tests left goes whenever garbage is collected.
        $start = [datetimeoffset]::Now
        $result = Start-HyperDasTraining $toyPath $dataset -Layer 2 -Method Pca
        $result.Interpreter.Model.IsDisposed | Should -BeFalse
        { Start-HyperDasTraining $toyPath $dataset -Layer 99 -Method Pca -ErrorAction Stop } | Should -Throw -ErrorId 'LayerInvalid,*'
        Remove-HyperDasModel $result, $result.Interpreter.Model
        @(Get-HyperDasModel | Where-Object { $_.Opened -ge $start }) | Should -HaveCount 0
    }
}
