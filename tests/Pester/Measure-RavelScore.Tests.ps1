Describe 'Measure-RavelScore' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $command = 'HyperDas.Commands.MeasureRavelScoreCommand'
        $model = Import-HyperDasModel $toyPath
        $dataset = New-ToyDataset
        $result = New-ToyTraining $model $dataset
        $interpreter = $result.Interpreter
    }
    AfterAll { $interpreter, $model | Remove-HyperDasModel }

    It 'scores every attribute and their mean, once for each selection mode' {
        $scores = Measure-RavelScore $interpreter $dataset -SelectionMode Soft, OneToOne
        $scores | Should -BeOfType HyperDas.RavelScore
        $scores.Attribute | Should -Be 'Country', '(all)', 'Country', '(all)'
        $scores[0].CauseCount | Should -Be 6
    }

    It 'takes an interpreter, or a training result, from the pipeline' {
        ($interpreter | Measure-RavelScore -Dataset $dataset).Method | Should -Be 'HyperDas', 'HyperDas'
        ($result | Measure-RavelScore -Dataset $dataset).Method | Should -Be 'HyperDas', 'HyperDas'
    }

    It 'scores doing nothing and swapping everything for comparison' {
        $nothing = Measure-RavelScore -Model $model -Reference NoIntervention -Layer 2 -Dataset $dataset
        $nothing.Method | Should -Be 'NoIntervention', 'NoIntervention'
        $swap = $model | Measure-RavelScore -Reference FullSwap -Layer 2 -Dataset $dataset
        $swap.Method | Should -Be 'FullSwap', 'FullSwap'
    }

    It 'scores in several dialects, with intervals' {
        $scores = Measure-RavelScore $interpreter $dataset -Dialect Ravel, SaeBench -BootstrapCount 50
        $scores.Dialect | Should -Be 'Ravel', 'Ravel', 'SaeBench', 'SaeBench'
        $scores[0].IsolateInterval.Low | Should -BeOfType double
        (Measure-RavelScore $interpreter $dataset -BootstrapCount 0)[0].IsolateInterval | Should -BeNullOrEmpty
    }

    It 'scores every template on request' {
        $scores = Measure-RavelScore $interpreter $dataset -PerTemplate
        $scores.Template | Where-Object { $_ } | Should -Be '%s is in', '%s speaks'
    }

    It 'scores wordings apart in one pass, and names the worst attribute beside each mean' {
        $fields = 'Domain', 'Kind', 'Attribute', 'AskedAttribute', 'Instruction', 'BaseEntity', 'SourceEntity', 'BasePrefix', 'BaseSuffix',
            'SourcePrefix', 'SourceSuffix', 'BaseTemplate', 'BaseValue', 'SourceValue'
        [HyperDas.RavelExample[]] $all = foreach ($wording in 'Absent', 'Unseen', 'Trained') {
            foreach ($example in $dataset.Test) {
                $parts = @{ Wording = $wording }
                foreach ($field in $fields) { $parts[$field] = $example.$field }
                [HyperDas.RavelExample] $parts
            }
        }
        $worded = [HyperDas.RavelDataset]::new('toy', [string[]]'city', [string[]]'Country', $all, $all, $all, 1, $dataset.Counts)

        $scores = Measure-RavelScore $interpreter $worded
        $scores.Wording | Should -Be 'Trained', 'Trained', 'Unseen', 'Unseen', 'Absent', 'Absent'
        $scores[1].WorstAttribute | Should -BeExactly 'Country'
        $scores[1].WorstCause | Should -Be $scores[0].Cause
        $scores[0].WorstAttribute | Should -BeNullOrEmpty
        ($scores | Out-String -Width 80) | Should -BeLike '*Wording*Absent*'
        # Whoever reads no descriptions answers alike in any words.
        (Measure-RavelScore -Model $model -Reference FullSwap -Layer 2 -Dataset $worded).Wording | Should -Be 'Trained', 'Trained'
    }

    It 'writes the same scores to a file' {
        $scores = Measure-RavelScore $interpreter $dataset -OutputPath "$TestDrive/new/scores.json"
        $text = [System.IO.File]::ReadAllText("$TestDrive/new/scores.json")
        $written = [System.Text.Json.JsonDocument]::Parse($text).RootElement
        $written.GetArrayLength() | Should -Be 2
        $written[0].GetProperty('cause').GetDouble() | Should -Be $scores[0].Cause
        $null = Measure-RavelScore $interpreter $dataset -OutputPath "$TestDrive/new/scores.json" -Force
        [System.IO.File]::ReadAllText("$TestDrive/new/scores.json") | Should -BeExactly $text
    }

    It 'refuses a layer that the model does not have' {
        { Measure-RavelScore -Model $model -Reference FullSwap -Layer 4 -Dataset $dataset -ErrorAction Stop } |
            Should -Throw -ErrorId "LayerInvalid,$command"
    }

    It 'refuses a split without examples' {
        $empty = [HyperDas.RavelDataset]::new('empty', [string[]]'city', [string[]]'Country', $dataset.Train, [HyperDas.RavelExample[]]@(),
            [HyperDas.RavelExample[]]@(), 1, $dataset.Counts)
        { Measure-RavelScore $interpreter $empty -ErrorAction Stop } | Should -Throw -ErrorId "DatasetEmpty,$command"
    }

    It 'completes the layers of the model' {
        $line = 'Measure-RavelScore -Model $model -Reference FullSwap -Layer '
        $completion = [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null)
        $completion.CompletionMatches.CompletionText | Should -Be '0', '1', '2', '3'
    }
}
