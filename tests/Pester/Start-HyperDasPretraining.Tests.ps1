Describe 'Start-HyperDasPretraining' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $command = 'HyperDas.Commands.StartHyperDasPretrainingCommand'
        # Few facts, since every one of them is asked for at the end.
        function Import-FewFacts([string] $Domain, [string] $Attribute) {
            $all = Import-RavelDataset $ravelPath -Domain $Domain
            [HyperDas.RavelTemplate[]] $templates = $all.Templates | Where-Object Attribute -EQ $Attribute
            [HyperDas.RavelDomain]::new($Domain, $all.Path, [string[]] $Attribute, [HyperDas.RavelEntity[]] $all.Entities[0..9], $templates,
                [HyperDas.RavelDistractor[]] $all.Distractors[0..2])
        }
        $few = Import-FewFacts city Country
        $tiny = @{ HiddenSize = 16; BlockCount = 2; VocabularySize = 300; Tokens = 3000; LearningRate = 1e-2 }
        $tiny.PretrainingOption = @{ HeadCount = 2; KeyValueHeadCount = 1; InnerSize = 24; ReadingLayer = 1; BatchTokens = 512; Seed = 5 }
    }

    It 'writes a model that can be imported, and says what it knows' {
        $result = $few | Start-HyperDasPretraining "$TestDrive/model" @tiny
        $result | Should -BeOfType HyperDas.PretrainingResult
        $result.Path | Should -BeExactly ([System.IO.Path]::Combine($TestDrive, 'model'))
        $result.Accuracy.Domain | Should -BeExactly 'city'
        $result.Seed | Should -Be 5
        $model = Import-HyperDasModel $result.Path
        $model.BlockCount | Should -Be 2
        $model.ParameterCount | Should -Be $result.ParameterCount
        $model | Remove-HyperDasModel
    }

    It 'makes a model of the family <_>' -ForEach 'gpt2', 'gemma2', 'qwen3' {
        $option = $tiny.PretrainingOption.Clone()
        $option.KeyValueHeadCount = $_ -eq 'gpt2' ? 2 : 1
        $result = $few | Start-HyperDasPretraining "$TestDrive/$_" @tiny -Family $_ -PretrainingOption $option
        $model = Import-HyperDasModel $result.Path -WarningVariable told
        $model.Architecture | Should -BeExactly $_
        $told | Should -BeNullOrEmpty
        $model | Remove-HyperDasModel
    }

    It 'names the families that there are where another one is asked for' {
        { $few | Start-HyperDasPretraining "$TestDrive/none" @tiny -Family bloom -ErrorAction Stop } |
            Should -Throw -ExpectedMessage '*gemma2, gpt2, llama, qwen3*' -ErrorId "OptionInvalid,$command"
    }

    It 'says what it computes in, and why' {
        $output = $few | Start-HyperDasPretraining "$TestDrive/verbose" @tiny -Verbose 4>&1
        $said = $output |
            Where-Object Message -Match '^Products are computed in (Float32|BFloat16): the processor \(.+\) has (no )?instructions'
        $said | Should -HaveCount 1
    }

    It 'trains in the background' {
        $job = $few | Start-HyperDasPretraining "$TestDrive/background" @tiny -AsJob
        ($job | Wait-Job | Receive-Job).Path | Should -BeExactly ([System.IO.Path]::Combine($TestDrive, 'background'))
        $job | Remove-Job
    }

    It 'trains one model on all the domains that come' {
        $result = $few, (Import-FewFacts verb Singular) | Start-HyperDasPretraining "$TestDrive/both" @tiny
        $result | Should -HaveCount 1
        $result.Accuracy.Domain | Should -Be 'city', 'verb'
    }

    It 'lets named parameters win over the option object' {
        ($few | Start-HyperDasPretraining "$TestDrive/named" @tiny -Seed 6).Seed | Should -Be 6
    }

    It 'takes every default from the option record' {
        $output = $few | Start-HyperDasPretraining "$TestDrive/defaults" -Tokens 1 -Verbose 4>&1
        $output.Message | Should -Contain "$([HyperDas.PretrainingOptions]@{ Tokens = 1 })"
    }

    It 'writes and trains nothing under -WhatIf' {
        $few | Start-HyperDasPretraining "$TestDrive/whatif" @tiny -WhatIf | Should -BeNullOrEmpty
        "$TestDrive/whatif" | Should -Not -Exist
    }

    It 'replaces a model only with -Force, and says so before it trains' {
        $folder = New-ToyFolder $TestDrive
        $before = [System.IO.File]::ReadAllBytes("$folder/model.safetensors").Length
        { $few | Start-HyperDasPretraining $folder @tiny -ErrorAction Stop } | Should -Throw -ErrorId "OutputExists,$command"
        [System.IO.File]::ReadAllBytes("$folder/model.safetensors").Length | Should -Be $before
        $null = $few | Start-HyperDasPretraining $folder @tiny -Force
        [System.IO.File]::ReadAllBytes("$folder/model.safetensors").Length | Should -Not -Be $before
    }

    It 'goes on after a stop and writes what an undisturbed pretraining writes' {
        $null = $few | Start-HyperDasPretraining "$TestDrive/undisturbed" @tiny
        $kept = @{ OutputPath = "$TestDrive/kept"; StatePath = "$TestDrive/kept-state" }
        $job = $few | Start-HyperDasPretraining @kept @tiny -CheckpointInterval 1 -AsJob
        while (-not [System.IO.File]::Exists("$TestDrive/kept-state/state.safetensors")) { [System.Threading.Thread]::Sleep(5) }
        $job | Stop-Job
        $job | Remove-Job
        $output = $few | Start-HyperDasPretraining @kept @tiny -Verbose 4>&1
        ($output | Where-Object Message -Like '*The training*kept-state*step*') | Should -HaveCount 1
        Get-Hex "$TestDrive/kept/model.safetensors" | Should -BeExactly (Get-Hex "$TestDrive/undisturbed/model.safetensors")
        # It has ended: the same command writes the same again.
        ($few | Start-HyperDasPretraining @kept @tiny).Steps | Should -Be $output[-1].Steps
        { $few | Start-HyperDasPretraining @kept @tiny -Seed 9 -ErrorAction Stop } | Should -Throw -ErrorId "StateMismatch,$command"
    }

    It 'refuses -Restart without a state folder' {
        { $few | Start-HyperDasPretraining "$TestDrive/x" @tiny -Restart -ErrorAction Stop } |
            Should -Throw -ErrorId "StatePathMissing,$command"
    }

    It 'refuses options that no model can have' {
        { $few | Start-HyperDasPretraining "$TestDrive/x" -HiddenSize 17 -ErrorAction Stop } |
            Should -Throw -ErrorId "OptionInvalid,$command"
    }

    It 'refuses domains without facts to learn' {
        $empty = [HyperDas.RavelDomain]::new('void', $TestDrive, [string[]]@(), [HyperDas.RavelEntity[]]@(), [HyperDas.RavelTemplate[]]@(),
            [HyperDas.RavelDistractor[]]@())
        { $empty | Start-HyperDasPretraining "$TestDrive/x" @tiny -ErrorAction Stop } | Should -Throw -ErrorId "DatasetEmpty,$command"
    }

    It 'is what the script of the bundled model calls' {
        $folder = "$TestDrive/mini"
        $result = & "$repository/examples/Train-MiniLlama.ps1" -OutputPath $folder -Domain verb -Tokens 2000
        $result.Accuracy.Domain | Should -BeExactly 'verb'
        $bundled = Import-HyperDasModel "$repository/examples/models/mini-llama"
        $made = Import-HyperDasModel $folder
        $made.HiddenSize, $made.BlockCount, $made.Dtype | Should -Be $bundled.HiddenSize, $bundled.BlockCount, $bundled.Dtype
        $bundled, $made | Remove-HyperDasModel
    }
}
