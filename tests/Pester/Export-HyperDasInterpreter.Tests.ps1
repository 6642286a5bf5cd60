Describe 'Export-HyperDasInterpreter' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $command = 'HyperDas.Commands.ExportHyperDasInterpreterCommand'
        $model = Import-HyperDasModel $toyPath
        $dataset = New-ToyDataset
        $result = New-ToyTraining $model $dataset
        $interpreter = $result.Interpreter
        $import = 'HyperDas.Commands.ImportHyperDasModelCommand'
        $prompts = @{ BasePrompt = 'Vienna is in'; CounterfactualPrompt = 'I love Paris'; Concept = 'the country of a city' }
    }
    AfterAll { $interpreter, $model | Remove-HyperDasModel }

    It 'writes a folder that Import-HyperDasModel gives back as an interpreter that does the same' {
        $interpreter | Export-HyperDasInterpreter "$TestDrive/same"
        $again = $model | Import-HyperDasModel -Interpreter "$TestDrive/same"
        $again | Should -BeOfType HyperDas.InterpreterHandle
        (Invoke-HyperDasIntervention $again @prompts).IntervenedOutput |
            Should -BeExactly (Invoke-HyperDasIntervention $interpreter @prompts).IntervenedOutput
    }

    It 'takes a training result from the pipeline' {
        $handle = $result | Export-HyperDasInterpreter -Path "$TestDrive/result" -PassThru
        $handle | Should -BeOfType HyperDas.InterpreterHandle
        $handle.Path | Should -BeExactly ([System.IO.Path]::Combine($TestDrive, 'result'))
    }

    It 'replaces an interpreter only with -Force' {
        $interpreter | Export-HyperDasInterpreter "$TestDrive/twice"
        { $interpreter | Export-HyperDasInterpreter "$TestDrive/twice" -ErrorAction Stop } | Should -Throw -ErrorId "OutputExists,$command"
        { $interpreter | Export-HyperDasInterpreter "$TestDrive/twice" -Force -ErrorAction Stop } | Should -Not -Throw
    }

    It 'writes a smaller file in bfloat16, which opens' {
        $interpreter | Export-HyperDasInterpreter "$TestDrive/small" -Dtype BFloat16
        $interpreter | Export-HyperDasInterpreter "$TestDrive/large"
        (Get-Item "$TestDrive/small/interpreter.safetensors").Length |
            Should -BeLessThan (Get-Item "$TestDrive/large/interpreter.safetensors").Length
        $model | Import-HyperDasModel -Interpreter "$TestDrive/small" | Should -BeOfType HyperDas.InterpreterHandle
        { $interpreter | Export-HyperDasInterpreter "$TestDrive/half" -Dtype Float16 -ErrorAction Stop } |
            Should -Throw -ErrorId "ParameterArgumentValidationError,$command"
    }

    It 'writes nothing under -WhatIf' {
        $interpreter | Export-HyperDasInterpreter -Path "$TestDrive/whatif" -WhatIf
        "$TestDrive/whatif" | Should -Not -Exist
    }

    It 'writes what another model is refused for' {
        $interpreter | Export-HyperDasInterpreter "$TestDrive/mine"
        $folder = New-ToyFolder $TestDrive
        $bytes = [System.IO.File]::ReadAllBytes("$folder/model.safetensors")
        $bytes[-1] = $bytes[-1] -bxor 1
        [System.IO.File]::WriteAllBytes("$folder/model.safetensors", $bytes)
        $other = Import-HyperDasModel -LiteralPath $folder
        { Import-HyperDasModel -Interpreter "$TestDrive/mine" -Model $other -ErrorAction Stop } |
            Should -Throw -ErrorId "InterpreterMismatch,$import"
    }

    It 'writes what another tokenizer is refused for' {
        $interpreter | Export-HyperDasInterpreter "$TestDrive/words"
        $folder = New-ToyFolder $TestDrive
        [System.IO.File]::AppendAllText("$folder/tokenizer.json", ' ')
        $other = Import-HyperDasModel -LiteralPath $folder
        { Import-HyperDasModel -Interpreter "$TestDrive/words" -Model $other -ErrorAction Stop } |
            Should -Throw -ErrorId "TokenizerMismatch,$import"
    }
}
