# What every command that can run in the background has in common.
Describe 'Work in the background' {
    BeforeDiscovery {
        $starts = @(
            @{ Command = 'Start-HyperDasTraining';
                Start = { param($more) Start-HyperDasTraining $model $dataset -Layer 2 -FeatureDimension 8 -Blocks 1 -MaxSteps 2 `
                -BatchSize 4 @more } }
            @{ Command = 'Start-HyperDasPretraining'; Start = { param($more) $verb | Start-HyperDasPretraining @tiny @more } }
            @{ Command = 'Measure-RavelScore';
                Start = { param($more) Measure-RavelScore $model $dataset -Reference FullSwap -Layer 2 -BootstrapCount 0 @more } }
            @{ Command = 'Invoke-HyperDasExperiment'; Start = { param($more) Invoke-HyperDasExperiment $sweep @more } }
        )
    }

    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $model = Import-HyperDasModel $toyPath
        $dataset = New-ToyDataset
        $verb = Import-RavelDataset $ravelPath verb
        $tiny = @{ HiddenSize = 16; BlockCount = 2; VocabularySize = 300; Tokens = 3000 }
        $tiny.PretrainingOption = @{ HeadCount = 2; KeyValueHeadCount = 1; InnerSize = 24; ReadingLayer = 1; BatchTokens = 512 }
        $sweep = New-ToySweep "$TestDrive/sweep"
        [System.IO.File]::WriteAllText("$TestDrive/file", '')
    }
    AfterAll { $model | Remove-HyperDasModel }

    It 'is waited for, received and removed in one go: <Command>' -ForEach $starts {
        $results = @(& $Start @{ AsJob = $true; Name = "night $Command"; OutputPath = "$TestDrive/one go/$Command" } |
            Receive-Job -Wait -AutoRemoveJob)
        $results | Should -Not -BeNullOrEmpty
        Get-Job -Name "night $Command" -ErrorAction Ignore | Should -BeNullOrEmpty
    }

    It 'has a name only as a job: <Command>' -ForEach $starts {
        { $ErrorActionPreference = 'Stop'; & $Start @{ Name = 'night'; OutputPath = "$TestDrive/named/$Command" } } |
            Should -Throw -ErrorId 'ParameterUnused,*'
    }

    It 'leaves out a name that is the session''s default where there is no job' {
        $PSDefaultParameterValues = @{ 'Measure-RavelScore:Name' = 'night' }
        $told = Measure-RavelScore $model $dataset -Reference FullSwap -Layer 2 -BootstrapCount 0 3>&1
        "$($told[0])" | Should -BeLike '*PSDefaultParameterValues*-Name*'
        $told[1] | Should -BeOfType HyperDas.RavelScore
    }

    It 'is not begun where its result cannot be written: <Command>' -ForEach $starts {
        { $ErrorActionPreference = 'Stop'; & $Start @{ AsJob = $true; OutputPath = "$TestDrive/file/$Command" } } |
            Should -Throw -ErrorId 'WriteFailed,*'
        Get-Job | Should -BeNullOrEmpty
    }

    It 'says why it failed: <Command>' -ForEach ($starts | Where-Object { $_.Command -like '*Experiment' }) {
        $job = & $Start @{ AsJob = $true; OutputPath = "$TestDrive/failed/$Command"; Set = 'training.learningRate=1e30',
            'training.epochs=9' }
        ($job | Wait-Job).State | Should -Be 'Failed'
        $job.JobStateInfo.Reason.ErrorId | Should -BeExactly 'TrainingDiverged'
        $job | Receive-Job -ErrorAction SilentlyContinue -ErrorVariable problem
        $problem | Should -HaveCount 1 -Because 'the reason is no second error'
        $problem.FullyQualifiedErrorId | Should -BeLike 'TrainingDiverged*'
        $job | Remove-Job
    }
}
