# What users most often get wrong: each gives exactly one error record, with an id, a category and the thing at fault.
BeforeDiscovery {
    $cases = @(
        @{ Case = 'a folder that is missing'; Id = 'PathNotFound'; Category = 'ObjectNotFound'; Target = '*missing';
            Run = { Import-HyperDasModel "$TestDrive/missing" } }
        @{ Case = 'a folder without a model'; Id = 'PathNotFound'; Category = 'ObjectNotFound'; Target = '*config.json';
            Run = { Import-HyperDasModel $ravelPath } }
        @{ Case = 'a folder without an interpreter'; Id = 'PathNotFound'; Category = 'ObjectNotFound'; Target = '*toy';
            Run = { Import-HyperDasModel -Interpreter $toyPath -Model $model } }
        @{ Case = 'a dataset file that is missing'; Id = 'PathNotFound'; Category = 'ObjectNotFound'; Target = '*missing.jsonl';
            Run = { Import-RavelDataset "$TestDrive/missing.jsonl" } }
        @{ Case = 'a layer above the last'; Id = 'LayerInvalid'; Category = 'InvalidArgument'; Target = '4';
            Run = { Start-HyperDasTraining $model $dataset -Layer 4 } }
        @{ Case = 'a layer below the first'; Id = 'LayerInvalid'; Category = 'InvalidArgument'; Target = '-1';
            Run = { Measure-RavelScore -Model $model -Reference FullSwap -Layer -1 -Dataset $dataset } }
        @{ Case = 'an unknown domain'; Id = 'DomainNotFound'; Category = 'ObjectNotFound'; Target = 'planet';
            Message = '*city, nobel_prize_winner, occupation, physical_object, verb*';
            Run = { Import-RavelDataset $ravelPath -Domain planet } }
        @{ Case = 'weights that end too early'; Id = 'CheckpointCorrupt'; Category = 'InvalidData'; Target = '*model.safetensors';
            Run = { Import-HyperDasModel -LiteralPath $shortModel } }
        @{ Case = 'an interpreter that ends too early'; Id = 'CheckpointCorrupt'; Category = 'InvalidData';
            Target = '*interpreter.safetensors'; Run = { Import-HyperDasModel -Interpreter $shortInterpreter -Model $model } }
        @{ Case = 'the tokenizer of another model'; Id = 'TokenIdInvalid'; Category = 'InvalidArgument'; Target = '*';
            Message = '*tokenizer.json may belong to another model*'; Run = { Invoke-HyperDasGeneration $wrongWords 'Vienna' } }
        @{ Case = 'an interpreter that was trained with another tokenizer'; Id = 'TokenizerMismatch'; Category = 'InvalidArgument';
            Target = '*saved'; Run = { Import-HyperDasModel -Interpreter $saved -Model $wrongWords } }
        @{ Case = 'an interpreter of another model'; Id = 'InterpreterMismatch'; Category = 'InvalidArgument'; Target = '*saved';
            Run = { Import-HyperDasModel -Interpreter $saved -Model $other } }
        @{ Case = 'an empty concept'; Id = 'ConceptEmpty'; Category = 'InvalidArgument'; Target = '';
            Run = { Invoke-HyperDasIntervention $interpreter 'Vienna is in' 'I love Paris' '' } }
        @{ Case = 'an empty base prompt'; Id = 'PromptEmpty'; Category = 'InvalidArgument'; Target = '';
            Run = { Invoke-HyperDasIntervention $interpreter '' 'I love Paris' 'the country of a city' } }
        @{ Case = 'an empty counterfactual prompt'; Id = 'PromptEmpty'; Category = 'InvalidArgument'; Target = '';
            Run = { Invoke-HyperDasIntervention $interpreter 'Vienna is in' '' 'the country of a city' } }
        @{ Case = 'an empty prompt'; Id = 'PromptEmpty'; Category = 'InvalidArgument'; Target = '';
            Run = { Invoke-HyperDasGeneration $model '' } }
        @{ Case = 'a released model, in generation'; Id = 'ModelDisposed'; Category = 'InvalidOperation'; Target = '*';
            Run = { Invoke-HyperDasGeneration $released 'Vienna' } }
        @{ Case = 'a released model, in training'; Id = 'ModelDisposed'; Category = 'InvalidOperation'; Target = '*';
            Run = { Start-HyperDasTraining $released $dataset -Layer 2 } }
        @{ Case = 'a released model, in building a dataset'; Id = 'ModelDisposed'; Category = 'InvalidOperation'; Target = '*';
            Run = { Import-RavelDataset $ravelPath verb | New-RavelDataset $released } }
        @{ Case = 'a released model, under an interpreter'; Id = 'ModelDisposed'; Category = 'InvalidOperation'; Target = '*';
            Run = { Measure-RavelScore $orphan $dataset } }
    )
}

Describe 'A mistake' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $dataset = New-ToyDataset
        $model = Import-HyperDasModel $toyPath
        $interpreter = (New-ToyTraining $model $dataset).Interpreter
        $saved = "$TestDrive/saved"
        $shortInterpreter = "$TestDrive/short"
        $saved, $shortInterpreter | ForEach-Object { $interpreter | Export-HyperDasInterpreter $_ }
        $shortModel = New-ToyFolder $TestDrive
        "$shortInterpreter/interpreter.safetensors", "$shortModel/model.safetensors" | ForEach-Object {
            $bytes = [System.IO.File]::ReadAllBytes($_)
            [System.IO.File]::WriteAllBytes($_, $bytes[0..($bytes.Length - 1000)])
        }
        $folder = New-ToyFolder $TestDrive
        [System.IO.File]::Copy("$repository/examples/models/mini-llama/tokenizer.json", "$folder/tokenizer.json", $true)
        $wrongWords = Import-HyperDasModel -LiteralPath $folder
        $other = Import-HyperDasModel "$repository/examples/models/mini-llama"
        $released = Import-HyperDasModel $toyPath
        $orphan = (New-ToyTraining $released $dataset).Interpreter
        $released | Remove-HyperDasModel
    }
    AfterAll { $interpreter, $orphan, $model, $wrongWords, $other | Remove-HyperDasModel }

    It 'gives one clear error: <Case>' -ForEach $cases {
        $records = @()
        try { $records += & $Run 2>&1 } catch { $records += $_ }
        $records | Should -HaveCount 1
        $records[0] | Should -BeOfType System.Management.Automation.ErrorRecord
        $records[0].FullyQualifiedErrorId | Should -Match "^$Id,HyperDas\.Commands\."
        $records[0].CategoryInfo.Category | Should -Be $Category
        "$($records[0].TargetObject)" | Should -BeLike $Target
        if ($Message) { $records[0].Exception.Message | Should -BeLike $Message }
    }
}
