# What one does with a trained interpreter: intervene, score, draw, export and import again.
Describe 'A trained interpreter' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $model = Import-HyperDasModel $toyPath
        $dataset = New-ToyDataset
        $result = Start-HyperDasTraining $model $dataset -Layer 2 -FeatureDimension 8 -Blocks 1 -Epochs 1 -BatchSize 4
        $interpreter = $result.Interpreter
        $prompts = @{ BasePrompt = 'Vienna is in'; CounterfactualPrompt = 'I love Paris'; Concept = 'the country of a city' }
    }
    AfterAll { $interpreter, $model | Remove-HyperDasModel }

    Context 'Invoke-HyperDasIntervention' {
        BeforeAll { $command = 'HyperDas.Commands.InvokeHyperDasInterventionCommand' }

        It 'answers with and without the patch and shows where it patched' {
            $intervention = Invoke-HyperDasIntervention $interpreter @prompts
            $intervention | Should -BeOfType HyperDas.InterventionResult
            $intervention.OriginalOutput | Should -BeExactly (Invoke-HyperDasGeneration $model 'Vienna is in' -MaxNewTokens 8).Output.Trim()
            $intervention.BaseTokens[1] | Should -BeExactly 'V'
            $intervention.Weights | Should -HaveCount ($intervention.SourceTokens.Count + 1)
        }

        It 'takes prompts and concept by property name, one result for each record' {
            $records = [pscustomobject]$prompts, [pscustomobject]@{ BasePrompt = 'Oslo is in'; CounterfactualPrompt = 'Paris'; Concept = 'x' }
            $interventions = $records | Invoke-HyperDasIntervention $interpreter -SelectionMode OneToOne
            $interventions.BasePrompt | Should -Be 'Vienna is in', 'Oslo is in'
        }

        It 'refuses an empty <Name>' -ForEach @{ Name = 'BasePrompt'; Id = 'PromptEmpty' }, @{ Name = 'CounterfactualPrompt'; Id = 'PromptEmpty' }, @{ Name = 'Concept'; Id = 'ConceptEmpty' } {
            foreach ($blank in '', ' ') {
                $wrong = $prompts.Clone()
                $wrong[$Name] = $blank
                { Invoke-HyperDasIntervention $interpreter @wrong -ErrorAction Stop } | Should -Throw -ErrorId "$Id,$command"
            }
        }

        It 'goes on with the next record after a wrong one' {
            $records = [pscustomobject]@{ BasePrompt = 'x'; CounterfactualPrompt = 'y'; Concept = '' }, [pscustomobject]$prompts
            $interventions = $records | Invoke-HyperDasIntervention $interpreter -ErrorAction SilentlyContinue -ErrorVariable problems
            $interventions | Should -HaveCount 1
            $problems | Should -HaveCount 1
        }

        It 'refuses ground-truth selection, which free text cannot give' {
            { Invoke-HyperDasIntervention $interpreter @prompts -SelectionMode GroundTruth -ErrorAction Stop } | Should -Throw -ErrorId "SelectionModeInvalid,$command"
        }
    }

    Context 'Measure-RavelScore' {
        It 'scores every attribute and their mean, once for each selection mode' {
            $scores = Measure-RavelScore $interpreter $dataset -SelectionMode Soft, OneToOne
            $scores | Should -BeOfType HyperDas.RavelScore
            $scores.Attribute | Should -Be 'Country', '(all)', 'Country', '(all)'
            $scores[0].CauseCount | Should -Be 6
        }

        It 'takes a training result from the pipeline' {
            ($result | Measure-RavelScore -Dataset $dataset).Method | Should -Be 'HyperDas', 'HyperDas'
        }

        It 'scores doing nothing and swapping everything for comparison' {
            $nothing = Measure-RavelScore -Model $model -Reference NoIntervention -Layer 2 -Dataset $dataset
            $nothing.Method | Should -Be 'NoIntervention', 'NoIntervention'
            $swap = Measure-RavelScore -Model $model -Reference FullSwap -Layer 2 -Dataset $dataset
            $swap.Method | Should -Be 'FullSwap', 'FullSwap'
        }

        It 'refuses a layer that the model does not have' {
            { Measure-RavelScore -Model $model -Reference FullSwap -Layer 4 -Dataset $dataset -ErrorAction Stop } |
                Should -Throw -ErrorId 'LayerInvalid,HyperDas.Commands.MeasureRavelScoreCommand'
        }
    }

    Context 'Export-HyperDasHeatmap' {
        It 'draws an SVG picture, and replaces one only with -Force' {
            $file = Invoke-HyperDasIntervention $interpreter @prompts | Export-HyperDasHeatmap "$TestDrive/heatmap.svg" -PassThru
            [System.IO.File]::ReadAllText($file.FullName) | Should -Match '^<svg [^>]+>'
            { Invoke-HyperDasIntervention $interpreter @prompts | Export-HyperDasHeatmap $file.FullName -ErrorAction Stop } |
                Should -Throw -ErrorId 'OutputExists,HyperDas.Commands.ExportHyperDasHeatmapCommand'
        }
    }

    Context 'Export-HyperDasInterpreter and Import-HyperDasModel -Interpreter' {
        It 'gives back an interpreter that does the same' {
            $folder = "$TestDrive/interpreter"
            $result | Export-HyperDasInterpreter -Path $folder
            $again = $model | Import-HyperDasModel -Interpreter $folder
            $again | Should -BeOfType HyperDas.InterpreterHandle
            (Invoke-HyperDasIntervention $again @prompts).IntervenedOutput | Should -BeExactly (Invoke-HyperDasIntervention $interpreter @prompts).IntervenedOutput
        }

        It 'writes nothing under -WhatIf' {
            $interpreter | Export-HyperDasInterpreter -Path "$TestDrive/whatif" -WhatIf
            "$TestDrive/whatif" | Should -Not -Exist
        }

        It 'refuses a model whose weights are others' {
            $null = $interpreter | Export-HyperDasInterpreter -Path "$TestDrive/mine" -PassThru
            $folder = New-ToyFolder $TestDrive
            $bytes = [System.IO.File]::ReadAllBytes("$folder/model.safetensors")
            $bytes[-1] = $bytes[-1] -bxor 1
            [System.IO.File]::WriteAllBytes("$folder/model.safetensors", $bytes)
            $other = Import-HyperDasModel -LiteralPath $folder
            { Import-HyperDasModel -Interpreter "$TestDrive/mine" -Model $other -ErrorAction Stop } | Should -Throw -ErrorId 'InterpreterMismatch,HyperDas.Commands.ImportHyperDasModelCommand'
        }

        It 'refuses a tokenizer that is another' {
            $null = $interpreter | Export-HyperDasInterpreter -Path "$TestDrive/mine2" -PassThru
            $folder = New-ToyFolder $TestDrive
            [System.IO.File]::AppendAllText("$folder/tokenizer.json", ' ')
            $other = Import-HyperDasModel -LiteralPath $folder
            { Import-HyperDasModel -Interpreter "$TestDrive/mine2" -Model $other -ErrorAction Stop } | Should -Throw -ErrorId 'TokenizerMismatch,HyperDas.Commands.ImportHyperDasModelCommand'
        }

        It 'names a folder that holds no interpreter' {
            { Import-HyperDasModel -Interpreter $toyPath -Model $model -ErrorAction Stop } | Should -Throw -ErrorId 'PathNotFound,HyperDas.Commands.ImportHyperDasModelCommand'
        }
    }

    It 'cannot be used after it was released' {
        $released = (Start-HyperDasTraining $model $dataset -Layer 2 -FeatureDimension 8 -Blocks 1 -Epochs 0).Interpreter
        $released | Remove-HyperDasModel
        { Invoke-HyperDasIntervention $released @prompts -ErrorAction Stop } | Should -Throw -ErrorId 'InterpreterDisposed,HyperDas.Commands.InvokeHyperDasInterventionCommand'
    }
}
