BeforeDiscovery { $dtypes = @{ Dtype = 'Float32' }, @{ Dtype = 'BFloat16' }, @{ Dtype = 'Float16' } }

Describe 'Import-HyperDasModel' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $command = 'HyperDas.Commands.ImportHyperDasModelCommand'
    }

    It 'returns a handle that describes the model' {
        $model = Import-HyperDasModel $toyPath
        $model | Should -BeOfType HyperDas.ModelHandle
        $model.Name | Should -BeExactly 'toy'
        $model.BlockCount | Should -Be 3
        $model.HiddenSize | Should -Be 32
        $model.ParameterCount | Should -Be 36128
    }

    It 'holds the weights as <Dtype> when asked to' -ForEach $dtypes {
        (Import-HyperDasModel $toyPath -Dtype $Dtype).Dtype | Should -Be $Dtype
    }

    It 'decides the number formats where <Asked> is asked for, and says why' -ForEach @{ Asked = 'nothing'; More = @{} },
        @{ Asked = 'Auto'; More = @{ Dtype = 'Auto' } } {
        $model, $message = Import-HyperDasModel "$repository/examples/models/mini-llama" @More -Verbose 4>&1 |
            Sort-Object { $_ -is [System.Management.Automation.VerboseRecord] }
        $model.Dtype | Should -BeIn 'Float32', 'BFloat16'
        $model.ComputeDtype | Should -BeExactly $model.Dtype
        $message.Message | Should -BeLike "mini-llama: *held as $($model.Dtype), computed in $($model.ComputeDtype) on cpu (stored as BFloat16, and the processor (*"
    }

    It 'shows what the weights are held and computed in' {
        Import-HyperDasModel $toyPath -Dtype Float16 | Out-String | Should -BeLike '*Dtype*ComputeDtype*Float16*Float32*'
    }

    It 'shows no tensor to formatters and converters' {
        $properties = (Import-HyperDasModel $toyPath).psobject.Properties
        $properties | Where-Object TypeNameOfValue -Like '*Torch*' | Should -BeNullOrEmpty
        $properties.Name | Should -Contain 'Fingerprint'
    }

    It 'takes paths from the pipeline, by value and by property name' {
        $toyPath, $toyPath | Import-HyperDasModel | Should -HaveCount 2
        [pscustomobject]@{ Path = $toyPath } | Import-HyperDasModel | Should -HaveCount 1
        [pscustomobject]@{ PSPath = $toyPath } | Import-HyperDasModel | Should -HaveCount 1
    }

    It 'understands wildcards in Path and takes LiteralPath literally' {
        $folder = New-ToyFolder $TestDrive
        (Import-HyperDasModel -LiteralPath $folder).Path | Should -BeExactly $folder
        (Import-HyperDasModel "$TestDrive/toy*copy").Path | Should -Contain $folder
    }

    It 'opens models of the Hugging Face cache by their names, as all commands that take a model''s path do' {
        $before, $env:HF_HUB_CACHE = $env:HF_HUB_CACHE, (New-ToyCache $TestDrive)
        $here = [System.IO.Directory]::CreateDirectory("$TestDrive/empty").FullName
        Push-Location $here
        try {
            $model = Import-HyperDasModel maker/tiny
            $model.Name | Should -BeExactly 'tiny'
            (Import-HyperDasModel Maker/TINY).Fingerprint | Should -BeExactly $model.Fingerprint
            (Import-HyperDasModel old).Name | Should -BeExactly 'old'
            (Invoke-HyperDasGeneration maker/tiny 'Vienna' -MaxNewTokens 1).Prompt | Should -BeExactly 'Vienna'
            Test-HyperDasModel maker/tiny | Should -Not -BeNullOrEmpty
            { Import-HyperDasModel -LiteralPath maker/tiny -ErrorAction Stop } | Should -Throw -ErrorId "PathNotFound,$command"
            { Import-HyperDasModel maker/broken -ErrorAction Stop } | Should -Throw '*Save-HyperDasModel*'
            { Import-HyperDasModel maker/other -ErrorAction Stop } | Should -Throw "*'Save-HyperDasModel -Id maker/other' downloads it."
            { Import-HyperDasModel maker/tiny -Adapter maker/lora -ErrorAction Stop } | Should -Throw '*Save-HyperDasModel -Id maker/lora*'
            { Invoke-HyperDasGeneration maker/other 'Vienna' -ErrorAction Stop } | Should -Throw '*-Id maker/other*'
            { Import-HyperDasModel maker/tiny/more -ErrorAction Stop } | Should -Throw "*more' doesn't exist*"
            # A folder of that name comes first.
            [void] [System.IO.Directory]::CreateDirectory("$here/maker")
            [System.IO.Directory]::Move((New-ToyFolder $TestDrive), "$here/maker/tiny")
            (Import-HyperDasModel maker/tiny).Path | Should -BeExactly ([System.IO.Path]::Combine($here, 'maker', 'tiny'))
        }
        finally {
            $env:HF_HUB_CACHE = $before
            Pop-Location
        }
    }

    It 'tells of a chat template, and wraps prompts in it when asked to' {
        $folder = New-ToyFolder $TestDrive
        $template = "{% for m in messages %}<|im_start|>user`n{{ m.content }}<|im_end|>`n{% endfor %}<|im_start|>assistant`n{{ '' }}"
        [System.IO.File]::WriteAllText("$folder/chat_template.jinja", $template)
        Import-HyperDasModel -LiteralPath $folder -WarningVariable told -WarningAction SilentlyContinue | Remove-HyperDasModel
        "$told" | Should -BeLike '*chat template*-ChatTemplate*'
        $model, $message = Import-HyperDasModel -LiteralPath $folder -ChatTemplate -WarningVariable told -Verbose 4>&1 |
            Sort-Object { $_ -is [System.Management.Automation.VerboseRecord] }
        "$message" | Should -BeLike '*wrapped in its chat template (ChatML)*<prompt>*'
        $told | Should -BeNullOrEmpty
        (Invoke-HyperDasGeneration $model 'Vienna' -MaxNewTokens 1).Text | Should -BeLike "Vienna`n*"
        $model | Remove-HyperDasModel
        { Import-HyperDasModel $toyPath -ChatTemplate -ErrorAction Stop } | Should -Throw -ErrorId "ChatTemplateUnsupported,$command"
    }

    It 'says of an adapter that is missing, and of one alone, what to do' {
        $folder = [System.IO.Directory]::CreateDirectory("$TestDrive/lora").FullName
        { Import-HyperDasModel $toyPath -Adapter $folder -ErrorAction Stop } | Should -Throw '*has no adapter_config.json*'
        [System.IO.File]::WriteAllText("$folder/adapter_config.json", '{"peft_type": "LORA", "base_model_name_or_path": "maker/base"}')
        { Import-HyperDasModel $folder -ErrorAction Stop } | Should -Throw "*import its base model, 'maker/base', with -Adapter*"
        { Import-HyperDasModel $toyPath -Adapter "$TestDrive/none" -ErrorAction Stop } | Should -Throw -ErrorId "PathNotFound,$command"
    }

    It 'warns of a key of config.json that nothing understands, and of nothing else' {
        $folder = New-ToyFolder $TestDrive
        Import-HyperDasModel -LiteralPath $folder -WarningVariable quiet | Remove-HyperDasModel
        $quiet | Should -BeNullOrEmpty
        $config = Get-Content -LiteralPath "$folder/config.json" -Raw | ConvertFrom-Json -AsHashtable
        $config.flux_capacitor = 88
        $config | ConvertTo-Json -Depth 9 | Set-Content -LiteralPath "$folder/config.json"
        Import-HyperDasModel -LiteralPath $folder -WarningVariable told -WarningAction SilentlyContinue | Remove-HyperDasModel
        $told | Should -HaveCount 1
        "$told" | Should -BeLike '*flux_capacitor*'
    }

    It 'refuses a config.json that asks for <Key>, which wouldn''t be computed' -ForEach @{ Key = 'sliding_window'; Value = 4 },
        @{ Key = 'architectures'; Value = @('MistralForCausalLM') } {
        $folder = New-ToyFolder $TestDrive
        $config = Get-Content -LiteralPath "$folder/config.json" -Raw | ConvertFrom-Json -AsHashtable
        $config[$Key] = $Value
        $config | ConvertTo-Json -Depth 9 | Set-Content -LiteralPath "$folder/config.json"
        { Import-HyperDasModel -LiteralPath $folder -ErrorAction Stop } | Should -Throw -ErrorId "ModelFormatUnsupported,$command"
    }

    It 'opens interpreters under the names that they were written to: <Name>' -ForEach @{ Name = 'out [b]' }, @{ Name = 'a`[c`]' },
        @{ Name = "it's 100%" }, @{ Name = 'star{0}' } {
        $model = Import-HyperDasModel $toyPath
        $interpreter = (New-ToyTraining $model (New-ToyDataset)).Interpreter
        $interpreter | Export-HyperDasInterpreter "$TestDrive/made/$Name"
        (Import-HyperDasModel -Interpreter "$TestDrive/made/$Name" -Model $model).Path | Should -BeExactly $interpreter.Path
        (Import-HyperDasModel -LiteralPath "$TestDrive/made/$Name" -Model $model).Path | Should -BeExactly $interpreter.Path
        # Pester 5.9 can't remove folders with brackets.
        [System.IO.Directory]::Delete("$TestDrive/made", $true)
        $interpreter, $model | Remove-HyperDasModel
    }

    It 'opens every interpreter that a pattern matches, and none by a literal path that only matches' {
        $model = Import-HyperDasModel $toyPath
        $interpreter = (New-ToyTraining $model (New-ToyDataset)).Interpreter
        'one', 'two' | ForEach-Object { $interpreter | Export-HyperDasInterpreter "$TestDrive/many/$_" }
        Import-HyperDasModel -Interpreter "$TestDrive/many/*" -Model $model | Should -HaveCount 2
        [System.IO.DirectoryInfo[]] ("$TestDrive/many/one", "$TestDrive/many/two") |
            ForEach-Object { [pscustomobject]@{ PSPath = $_.FullName } } | Import-HyperDasModel -Model $model | Should -HaveCount 2
        { Import-HyperDasModel -LiteralPath "$TestDrive/many/*" -Model $model -ErrorAction Stop } |
            Should -Throw -ErrorId "PathNotFound,$command"
        $alone = Import-HyperDasModel -Interpreter "$TestDrive/many/one" -Model $toyPath
        $alone.Model.IsDisposed | Should -BeFalse
        $alone, $alone.Model, $interpreter, $model | Remove-HyperDasModel
    }

    It 'goes on with the next path after one that is missing' {
        $models = "$TestDrive/missing", $toyPath | Import-HyperDasModel -ErrorAction SilentlyContinue -ErrorVariable problems
        $models | Should -HaveCount 1
        $problems | Should -HaveCount 1
    }

    It 'names a folder that does not exist' {
        { Import-HyperDasModel "$TestDrive/missing" -ErrorAction Stop } | Should -Throw -ErrorId "PathNotFound,$command"
    }

    It 'refuses a path that is no file system path' {
        { Import-HyperDasModel env:/PATH -ErrorAction Stop } | Should -Throw -ErrorId "PathNotFileSystem,$command"
    }

    It 'refuses a device that does not exist' {
        { Import-HyperDasModel $toyPath -Device tpu -ErrorAction Stop } | Should -Throw -ErrorId "DeviceUnknown,$command"
        { Import-HyperDasModel $toyPath -Device cpu, cuda -ErrorAction Stop } | Should -Throw -ErrorId "DeviceUnknown,$command"
    }

    It 'spreads blocks over several devices' {
        (Import-HyperDasModel $toyPath -Device cpu, cpu).Device | Should -Be 'cpu,cpu'
    }

    It 'refuses weights that end too early' {
        $folder = New-ToyFolder $TestDrive
        $bytes = [System.IO.File]::ReadAllBytes("$folder/model.safetensors")
        [System.IO.File]::WriteAllBytes("$folder/model.safetensors", $bytes[0..100000])
        { Import-HyperDasModel -LiteralPath $folder -ErrorAction Stop } | Should -Throw -ErrorId "CheckpointCorrupt,$command"
    }

    It 'refuses a configuration that is not JSON' {
        $folder = New-ToyFolder $TestDrive
        [System.IO.File]::WriteAllText("$folder/config.json", '{')
        { Import-HyperDasModel -LiteralPath $folder -ErrorAction Stop } | Should -Throw -ErrorId "ModelConfigInvalid,$command"
    }

    It 'opens the ready interpreter, which is small and understands words that no training had' {
        $folder = "$repository/examples/models/mini-llama-interpreter"
        (Get-ChildItem $folder | Measure-Object Length -Sum).Sum | Should -BeLessOrEqual 5MB
        $ready = Import-HyperDasModel -Interpreter $folder -Model (Import-HyperDasModel "$repository/examples/models/mini-llama")
        $rows = 'the country of a city', 'kingdom or republic that owns the place', 'the price of bread', 'the price of bread' |
            ForEach-Object { [pscustomobject]@{ BasePrompt = 'Vienna is in'; CounterfactualPrompt = 'I love Paris'; Concept = $_ } }
        $results = $rows | Invoke-HyperDasIntervention $ready -WarningVariable outside -WarningAction SilentlyContinue
        $results[0..2].IntervenedOutput | Should -Be 'France', 'France', 'Austria'
        $results[0..1].NearestConcept | Should -Be 'the country of a city', 'the country of a city'
        $results[0..1].ConceptDistance | Should -BeLessThan 0.5
        $results[2].ConceptDistance | Should -BeGreaterThan 0.5
        # Once for each description.
        $outside | Should -HaveCount 1
        $outside | Should -BeLike '"the price of bread" *'
        $global:readyInterpreter = $ready
        try {
            $line = 'Invoke-HyperDasIntervention -Interpreter $readyInterpreter -Concept '
            $offered = [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches
        }
        finally { Remove-Variable readyInterpreter -Scope Global }
        $offered.CompletionText | Should -Contain "'the country of a city'"
        $offered | Should -HaveCount 21
    }
}
