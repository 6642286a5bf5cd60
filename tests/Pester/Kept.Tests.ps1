# Files that earlier versions wrote go on opening and mean the same: tests/Fixtures/kept has a folder for each version that made some.
BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $kept = "$repository/tests/Fixtures/kept/e2b0052"
    $model = Import-HyperDasModel $toyPath

    # Resuming writes, so it gets a copy.
    function Copy-Folder([string] $From, [string] $To) {
        foreach ($file in [System.IO.Directory]::GetFiles($From, '*', 'AllDirectories')) {
            $copy = $To + $file.Substring($From.Length)
            [void] [System.IO.Directory]::CreateDirectory([System.IO.Path]::GetDirectoryName($copy))
            [System.IO.File]::Copy($file, $copy)
        }
        $To
    }

    # Starts as a job what goes on from a state, and gives the first step that it made.
    function Get-FirstStep($Job, [string] $MetricsPath) {
        try {
            $line = $null
            while ($null -eq $line -and $Job.State -in 'NotStarted', 'Running') {
                [System.Threading.Thread]::Sleep(50)
                if ([System.IO.File]::Exists($MetricsPath)) {
                    $stream = [System.IO.FileStream]::new($MetricsPath, 'Open', 'Read', 'ReadWrite, Delete')
                    $reader = [System.IO.StreamReader]::new($stream)
                    $all = $reader.ReadToEnd().Split("`n")
                    $reader.Dispose()
                    if ($all.Length -gt 1) { $line = $all[$all.Length - 2] }
                }
            }
            if ($null -eq $line) { $Job | Receive-Job -ErrorAction Stop; throw "The job ended as $($Job.State) without a step." }
            [System.Text.Json.JsonDocument]::Parse($line).RootElement.GetProperty('step').GetInt32()
        }
        finally { $Job | Stop-Job; $Job | Remove-Job -Force }
    }
}

AfterAll { $model | Remove-HyperDasModel }

Describe 'Files of version e2b0052' {
    It 'has an interpreter of <_> that answers as it did' -ForEach 'HyperDas', 'Mdas', 'Das', 'Dbm', 'Pca', 'Sae', 'Rlap' {
        $method = $_
        $expected = ([System.IO.File]::ReadAllLines("$kept/answers.txt") | Where-Object { $_.StartsWith("$method`t") }).Split("`t")
        $entities = if ($method -eq 'HyperDas') { @{} } else { @{ BaseEntity = 'Vienna'; CounterfactualEntity = 'Paris' } }

        $interpreter = Import-HyperDasModel -Interpreter "$kept/interpreters/$method" -Model $model
        $answer = Invoke-HyperDasIntervention $interpreter 'Vienna is in' 'I love Paris' 'the country of a city' @entities
        $interpreter | Remove-HyperDasModel

        [System.Convert]::ToBase64String([System.Text.Encoding]::UTF8.GetBytes($answer.IntervenedOutput)) | Should -BeExactly $expected[1]
        $weights = foreach ($row in $answer.Weights) { foreach ($one in $row) { $one } }
        $places = $expected[2].Split(' ')
        $weights.Count | Should -Be $places.Count
        $largest = 0.0
        for ($n = 0; $n -lt $places.Count; $n++) {
            $largest = [Math]::Max($largest, [Math]::Abs($weights[$n] - [double]::Parse($places[$n], [cultureinfo]::InvariantCulture)))
        }
        # Selection weights are at most 1.
        $largest | Should -BeLessThan 1e-5
    }

    It 'has an interpreter of <_> that is written again as it was' -ForEach 'HyperDas', 'Mdas', 'Das', 'Dbm', 'Pca', 'Sae', 'Rlap' {
        $interpreter = Import-HyperDasModel -Interpreter "$kept/interpreters/$_" -Model $model
        $null = $interpreter | Export-HyperDasInterpreter "$TestDrive/again-$_"
        $interpreter | Remove-HyperDasModel

        Get-Hex "$TestDrive/again-$_/interpreter.safetensors" | Should -BeExactly (Get-Hex "$kept/interpreters/$_/interpreter.safetensors")
    }

    It 'has a dataset that opens with all its examples' {
        $dataset = Import-RavelDataset "$kept/dataset.jsonl"

        $dataset.Train.Count, $dataset.Val.Count, $dataset.Test.Count | Should -Be 12, 12, 12
        $dataset.Train[0].Instruction | Should -BeExactly 'the country of a city'
    }

    It 'has a training of HyperDas that goes on where it stood' {
        $state = Copy-Folder "$kept/states/HyperDas" "$TestDrive/states/HyperDas"
        $options = @{ Layer = 2; BatchSize = 2; Epochs = 2000; CheckpointInterval = 1; FeatureDimension = 8; Blocks = 1; Reflections = 4 }

        $job = Start-HyperDasTraining $model (Import-RavelDataset "$kept/dataset.jsonl") @options -StatePath $state `
            -MetricsPath "$state/m.jsonl" -AsJob

        Get-FirstStep $job "$state/m.jsonl" | Should -BeGreaterThan 24
    }
    It 'has a training of MDAS that goes on' {
        $state = Copy-Folder "$kept/states/Mdas" "$TestDrive/states/Mdas"
        $options = @{ Layer = 2; BatchSize = 2; Epochs = 2000; CheckpointInterval = 1; FeatureDimension = 8; Method = 'Mdas' }

        $job = Start-HyperDasTraining $model (Import-RavelDataset "$kept/dataset.jsonl") @options -StatePath $state `
            -MetricsPath "$state/m.jsonl" -AsJob

        Get-FirstStep $job "$state/m.jsonl" | Should -BeGreaterThan 1
    }

    It 'has a pretraining that goes on' {
        . "$kept/KeptDomain.ps1"
        $state = Copy-Folder "$kept/states/Pretraining" "$TestDrive/states/Pretraining"
        $tiny = @{ HiddenSize = 16; BlockCount = 2; VocabularySize = 300; Tokens = 300000; LearningRate = 1e-2 }
        $option = @{ HeadCount = 2; KeyValueHeadCount = 1; InnerSize = 24; ReadingLayer = 1; BatchTokens = 512 }

        # Cancelled at once: what can't be resumed is refused before the first step.
        $job = $keptDomain | Start-HyperDasPretraining "$TestDrive/pretrained" @tiny -PretrainingOption $option -StatePath $state `
            -CheckpointInterval 1 -AsJob
        $seen = $null
        while ($job.State -in 'NotStarted', 'Running' -and $null -eq $seen) {
            [System.Threading.Thread]::Sleep(20)
            foreach ($progress in $job.Progress.ReadAll()) {
                if ($progress.StatusDescription -match 'step (\d+)') { $seen = [int] $Matches[1] } }
        }
        $job | Stop-Job
        $reason = $job.JobStateInfo.Reason
        $job | Remove-Job -Force

        $reason | Should -BeNullOrEmpty
        $seen | Should -BeGreaterThan 40
    }

    It 'has a document and finished runs that give their results again without training' {
        # The document names its model by a relative path, and a run is known by it.
        $null = Copy-Folder $toyPath "$TestDrive/toy"
        $folder = Copy-Folder $kept "$TestDrive/kept/e2b0052"

        @(Test-HyperDasExperiment "$folder/experiment.yaml").Count | Should -Be 2
        $written = [System.IO.File]::GetLastWriteTimeUtc("$folder/runs/seed-1/interpreter/interpreter.safetensors")
        $results = @(Invoke-HyperDasExperiment "$folder/experiment.yaml")

        $results.Count | Should -Be 2
        $results[0].Scores.Count | Should -BeGreaterThan 0
        [System.IO.File]::GetLastWriteTimeUtc("$folder/runs/seed-1/interpreter/interpreter.safetensors") | Should -Be $written
    }
}

Describe 'Files of version 38ce518' {
    It 'has runs whose attempts tell how they ended' {
        $runs = Get-HyperDasExperiment "$repository/tests/Fixtures/kept/38ce518/runs"
        $runs.State | Should -Be 'Failed', 'Finished'
        $runs.Attempts | Should -Be 1, 1
        $runs[1].Step | Should -Be 3
        $runs[1].Duration | Should -BeGreaterThan ([timespan]::Zero)
        $runs[0].ErrorId | Should -Be 'TrainingDiverged'
        $runs.'training.learningRate' | Should -Be '1E+30', '0.001'
    }
}
