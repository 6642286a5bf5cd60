Describe 'Invoke-HyperDasIntervention' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $command = 'HyperDas.Commands.InvokeHyperDasInterventionCommand'
        $model = Import-HyperDasModel $toyPath
        $dataset = New-ToyDataset
        $result = New-ToyTraining $model $dataset
        $interpreter = $result.Interpreter
        $prompts = @{ BasePrompt = 'Vienna is in'; CounterfactualPrompt = 'I love Paris'; Concept = 'the country of a city' }
    }
    AfterAll { $interpreter, $model | Remove-HyperDasModel }

    It 'answers with and without the patch and shows where it patched' {
        $intervention = Invoke-HyperDasIntervention $interpreter @prompts
        $intervention | Should -BeOfType HyperDas.InterventionResult
        $intervention.OriginalOutput | Should -BeExactly (Invoke-HyperDasGeneration $model 'Vienna is in' -MaxNewTokens 8).Output
        $intervention.BaseTokens[1] | Should -BeExactly 'V'
        $intervention.Weights | Should -HaveCount ($intervention.SourceTokens.Count + 1)
    }

    It 'takes all of it by position' {
        $intervention = Invoke-HyperDasIntervention $interpreter 'Vienna is in' 'I love Paris' 'the country of a city'
        $intervention.BasePrompt, $intervention.CounterfactualPrompt, $intervention.Concept |
            Should -Be 'Vienna is in', 'I love Paris', 'the country of a city'
    }

    It 'takes prompts, concept and selection mode by property name, one result for each record' {
        $records = [pscustomobject]($prompts + @{ SelectionMode = 'Global' }),
            [pscustomobject]@{ BasePrompt = 'Oslo is in'; CounterfactualPrompt = 'Paris'; Concept = 'x' }
        $interventions = $records | Invoke-HyperDasIntervention $interpreter
        $interventions.BasePrompt | Should -Be 'Vienna is in', 'Oslo is in'
        $interventions.SelectionMode | Should -Be 'Global', 'Soft'
    }

    It 'takes what the records lack from the command line' {
        $interventions = [pscustomobject]@{ BasePrompt = 'Oslo is in' }, [pscustomobject]@{ BasePrompt = 'Bonn is in' } |
            Invoke-HyperDasIntervention $interpreter -CounterfactualPrompt 'Paris' -Concept 'x'
        $interventions.BasePrompt | Should -Be 'Oslo is in', 'Bonn is in'
        $interventions.CounterfactualPrompt | Should -Be 'Paris', 'Paris'
    }

    It 'answers a batch as it answers one by one, in the order of the records' {
        $records = foreach ($city in 'Vienna', 'Bonn am Rhein', 'Oslo') {
            [pscustomobject]@{ BasePrompt = "$city is in"; CounterfactualPrompt = 'Paris'; Concept = 'x' } }
        $together = $records | Invoke-HyperDasIntervention $interpreter
        $alone = $records | Invoke-HyperDasIntervention $interpreter -BatchSize 1
        $together.BasePrompt | Should -Be $records.BasePrompt
        $together.IntervenedOutput | Should -Be $alone.IntervenedOutput
    }

    It 'reads no more records than one batch when the pipeline ends early' {
        $script:read = 0
        foreach ($once in 1) {
            1..100 | ForEach-Object { $script:read++; [pscustomobject]@{ BasePrompt = "City $_ is in" } } |
                Invoke-HyperDasIntervention $interpreter -CounterfactualPrompt 'Paris' -Concept 'x' -BatchSize 3 |
                ForEach-Object { break }
        }
        $script:read | Should -Be 3
    }

    It 'takes examples of a dataset' {
        $interventions = $dataset.Test[0..1] | Invoke-HyperDasIntervention $interpreter
        $interventions.CounterfactualPrompt | Should -Be $dataset.Test[0..1].SourcePrompt
        $interventions[0].Concept | Should -BeExactly 'the country of a city'
    }

    It 'takes an interpreter, or a training result, from the pipeline' {
        ($interpreter | Invoke-HyperDasIntervention @prompts).BasePrompt | Should -BeExactly 'Vienna is in'
        ($result | Invoke-HyperDasIntervention @prompts).BasePrompt | Should -BeExactly 'Vienna is in'
    }

    It 'goes on with the next record after one with <Case>' -ForEach @(
        @{ Case = 'an empty concept'; Wrong = @{ BasePrompt = 'x'; CounterfactualPrompt = 'y'; Concept = '' }; Id = 'ConceptEmpty' }
        @{ Case = 'no concept'; Wrong = @{ BasePrompt = 'x'; CounterfactualPrompt = 'y' }; Id = 'RowIncomplete' }
        @{ Case = 'an unknown selection mode'; Wrong = @{ BasePrompt = 'x'; CounterfactualPrompt = 'y'; Concept = 'z';
            SelectionMode = 'Hard' }; Id = 'ParameterArgumentTransformationError' }
    ) {
        $interventions = [pscustomobject]$Wrong, [pscustomobject]$prompts |
            Invoke-HyperDasIntervention $interpreter -ErrorAction SilentlyContinue -ErrorVariable problems
        $interventions | Should -HaveCount 1
        $problems | Should -HaveCount 1
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "$Id,$command"
    }

    It 'says which row an error is about, whatever else is wrong with rows before it' {
        $rows = @(
            [pscustomobject]($prompts + @{ SelectionMode = ''; BaseEntity = ''; CounterfactualEntity = ' ' })
            [pscustomobject]@{ BasePrompt = 'x'; CounterfactualPrompt = 'y' }
            [pscustomobject]@{ BasePrompt = 'x'; CounterfactualPrompt = 'y'; Concept = 'z'; SelectionMode = 'Hard' }
            [pscustomobject]@{ BasePrompt = 'x'; CounterfactualPrompt = ''; Concept = 'z' }
            [pscustomobject]($prompts + @{ BaseEntity = 'Rome'; CounterfactualEntity = 'Paris' })
        )
        $interventions = $rows | Invoke-HyperDasIntervention $interpreter -ErrorAction SilentlyContinue -ErrorVariable problems
        $interventions | Should -HaveCount 1
        $interventions.SelectionMode | Should -Be 'Soft'
        $problems | Should -HaveCount 4
        $problems[0].Exception.Message | Should -BeLike 'Row 2 of the input: There is no Concept.*BasePrompt, CounterfactualPrompt*'
        $problems[1].Exception.Message | Should -BeLike "*Row 3 of the input: Unknown selection mode 'Hard'*"
        $problems[2].Exception.Message | Should -BeLike 'Row 4 of the input: *'
        $problems[3].Exception.Message | Should -BeLike 'Row 5 of the input: *"Rome"*'
        $problems.TargetObject | Should -Be $rows[1..4]
    }

    It 'says of <Case> what it lacks' -ForEach @(
        @{ Case = 'a row with other columns'; Row = [pscustomobject]@{ Base = 'x'; Concept = 'z' };
            Message = 'There is no BasePrompt and no CounterfactualPrompt.*Its columns: Base, Concept.' }
        @{ Case = 'a hashtable'; Row = @{ BasePrompt = 'x' }; Message = 'There is no *pscustomobject* before it makes a row of it.' }
        @{ Case = 'a text'; Row = 'Vienna is in'; Message = "There is no *It is 'Vienna is in', which has no columns." }
    ) {
        $null = [pscustomobject]$prompts, $Row |
            Invoke-HyperDasIntervention $interpreter -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems | Should -HaveCount 1
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "RowIncomplete,$command"
        $problems[0].Exception.Message | Should -BeLike "Row 2 of the input: $Message"
        $problems[0].TargetObject | Should -Be $Row
    }

    It 'takes the interpreter from a row, and says which row has none' {
        $rows = [pscustomobject]($prompts + @{ Interpreter = $interpreter }), [pscustomobject]$prompts
        $answers = $rows | Invoke-HyperDasIntervention -ErrorAction SilentlyContinue -ErrorVariable problems
        $answers | Should -HaveCount 1
        $problems.Exception.Message | Should -BeLike 'Row 2 of the input: There is no Interpreter.*'
    }

    It 'asks for what is missing where it is typed' {
        foreach ($name in 'Interpreter', 'BasePrompt', 'CounterfactualPrompt', 'Concept') {
            (Get-Command Invoke-HyperDasIntervention).Parameters[$name].ParameterSets['Argument'].IsMandatory | Should -BeTrue
        }
        (Get-Command Invoke-HyperDasIntervention).DefaultParameterSet | Should -BeExactly 'Argument'
    }

    It 'answers again the rows that failed, after they were mended' {
        $null = [pscustomobject]@{ BasePrompt = 'x'; CounterfactualPrompt = 'y'; Concept = '' } |
            Invoke-HyperDasIntervention $interpreter -ErrorAction SilentlyContinue -ErrorVariable problems
        $failed = $problems[0].TargetObject
        $failed.Concept = 'z'
        ($failed | Invoke-HyperDasIntervention $interpreter).Concept | Should -BeExactly 'z'
    }

    It 'numbers no row where nothing is piped' {
        $null = Invoke-HyperDasIntervention $interpreter 'x' 'y' '' -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems[0].Exception.Message | Should -Not -BeLike 'Row*'
        $stopped = { $rows = [pscustomobject]($prompts + @{ SelectionMode = 'Hard' }); $rows |
            Invoke-HyperDasIntervention $interpreter -ErrorAction Stop }
        $stopped | Should -Throw -ExpectedMessage '*Row 1 of the input*'
        { Invoke-HyperDasIntervention $interpreter @prompts -SelectionMode Hard } |
            Should -Throw -ExpectedMessage "*'SelectionMode'. Unknown*"
    }

    It 'takes the result of a training in first position, and says what it needs instead of <Case>' -ForEach @(
        @{ Case = 'a model'; Given = { $model } }, @{ Case = 'a path'; Given = { 'some/folder' } },
            @{ Case = 'a dataset'; Given = { $dataset } }
    ) {
        (Invoke-HyperDasIntervention $result @prompts).BasePrompt | Should -BeExactly 'Vienna is in'
        $wrong = & $Given
        { Invoke-HyperDasIntervention $wrong 'x' 'y' 'z' } |
            Should -Throw -ErrorId "ParameterArgumentTransformationError,$command" -ExpectedMessage '*An interpreter is required*'
    }

    It 'says that <Kind> can''t leave its process' -ForEach @{ Kind = 'an interpreter' }, @{ Kind = 'a result' }, @{ Kind = 'a model' } {
        $given = @{ 'an interpreter' = $interpreter; 'a result' = $result; 'a model' = $model }[$Kind]
        $left = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($given))
        { Invoke-HyperDasIntervention $left 'x' 'y' 'z' } |
            Should -Throw -ErrorId "ParameterArgumentTransformationError,$command" -ExpectedMessage "*can't leave the process*"
    }

    It 'refuses an empty <Name>' -ForEach @{ Name = 'BasePrompt'; Id = 'PromptEmpty' },
        @{ Name = 'CounterfactualPrompt'; Id = 'PromptEmpty' }, @{ Name = 'Concept'; Id = 'ConceptEmpty' } {
        foreach ($blank in '', ' ') {
            $wrong = $prompts.Clone()
            $wrong[$Name] = $blank
            { Invoke-HyperDasIntervention $interpreter @wrong -ErrorAction Stop } | Should -Throw -ErrorId "$Id,$command"
        }
    }

    It 'patches the last token of the entities that it is told, in <Which>' -ForEach @{ Which = 'a fixed method'; Method = 'Mdas';
        Mode = 'Soft' }, @{ Which = 'ground-truth selection'; Method = 'HyperDas'; Mode = 'GroundTruth' } {
        $trained = if ($Method -eq 'HyperDas') { $interpreter } else {
            (Start-HyperDasTraining $model $dataset -Layer 2 -Method $Method -FeatureDimension 8 -Epochs 0).Interpreter }
        $intervention = Invoke-HyperDasIntervention $trained @prompts -BaseEntity Vienna -CounterfactualEntity Paris -SelectionMode $Mode
        $intervention.ChosenTokens | Should -HaveCount 1
        $intervention.ChosenTokens[0].BaseToken | Should -BeExactly 'a'
        $intervention.ChosenTokens[0].SourceToken | Should -BeExactly 's'
        $intervention.Weights[0] | Should -HaveCount $intervention.BaseTokens.Count
    }

    It 'refuses for a fixed method <Case>' -ForEach @(
        @{ Case = 'prompts without entities'; More = @{}; Id = 'EntityMissing' }
        @{ Case = 'an entity that is not in its prompt'; More = @{ BaseEntity = 'Rome'; CounterfactualEntity = 'Paris' };
            Id = 'EntityNotFound' }
        @{ Case = 'a concept that it has not learned';
            More = @{ BaseEntity = 'Vienna'; CounterfactualEntity = 'Paris'; Concept = 'the mayor of a city' }; Id = 'ConceptUnknown' }
    ) {
        $mdas = (Start-HyperDasTraining $model $dataset -Layer 2 -Method Mdas -FeatureDimension 8 -Epochs 0).Interpreter
        $asked = $prompts.Clone()
        foreach ($name in $More.Keys) { $asked[$name] = $More[$name] }
        { Invoke-HyperDasIntervention $mdas @asked -ErrorAction Stop } | Should -Throw -ErrorId "$Id,$command"
    }

    It 'refuses ground-truth selection without entities' {
        { Invoke-HyperDasIntervention $interpreter @prompts -SelectionMode GroundTruth -ErrorAction Stop } |
            Should -Throw -ErrorId "SelectionModeInvalid,$command"
    }

    It 'refuses an interpreter that was released' {
        $released = (Start-HyperDasTraining $model $dataset -Layer 2 -FeatureDimension 8 -Blocks 1 -Epochs 0).Interpreter
        $released | Remove-HyperDasModel
        { Invoke-HyperDasIntervention $released @prompts -ErrorAction Stop } | Should -Throw -ErrorId "InterpreterDisposed,$command"
    }
}
