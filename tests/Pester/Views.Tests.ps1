# What a person sees of records: at the width of a plain terminal and of a wide one, with Format-* and beside other records.
Describe 'Views' {
    BeforeDiscovery {
        # What must be there at 80 columns; more may be at 120.
        $key = @(
            @{ Type = 'ModelHandle'; Figures = 'toy', 'llama', '36,128', 'Float32', 'cpu' }
            @{ Type = 'InterpreterHandle'; Figures = 'HyperDas', 'toy', '2', 'Householder', '8' }
            @{ Type = 'OpenHandle'; Figures = 'Model', 'toy', '0.1 MiB', 'cpu', '00:0', 'HyperDas at layer 2' }
            @{ Type = 'ModelCheck'; Figures = 'BatchedEqualsSingle', 'True', 'Tolerance', 'prompt' }
            @{ Type = 'RavelDomain'; Figures = 'city', '165', '90', '38', 'Country' }
            @{ Type = 'RavelDataset'; Figures = 'toy', '12', 'Country' }
            @{ Type = 'RavelExample'; Figures = 'Cause', 'Country', 'Vienna is in', 'I love Paris', 'B' }
            @{ Type = 'RavelScore'; Figures = 'nobel_p', 'Country', 'Birth', '62.5', '91.2', '76.9', 'HyperDas', 'OneToOne',
                'SaeBench', 'Entity' }
            @{ Type = 'RavelScoreComparison'; Figures = 'Country of', '50.0 → 62.5', '100.0 → 91.2', '75.0 → 76.9', 'OneToOne' }
            @{ Type = 'ExperimentRun'; Figures = '0', 'toy/layer-1', 'HyperDas at layer 1' }
            @{ Type = 'ExperimentResult'; Figures = 'a name that is long enough', '62.5', '91.2', '76.9', '1128', '25:00:07' }
            @{ Type = 'LayerCandidate'; Figures = '2', '31', '99.7', '46.7', '70.3', '56.1', '1234.5 s', 'swap changes 12.3 %' }
            @{ Type = 'TrainingResult'; Figures = 'HyperDas at layer 2 of toy', 'FinalLoss', 'Steps', 'Seed' }
            @{ Type = 'TrainingStep'; Figures = 'Step', '1.2500', '0.2500', '3.000', '0.0001' }
            @{ Type = 'PretrainingResult'; Figures = 'models/small', '1,317,248', '0.125', '2,000', 'city: 90.0 % of trained' }
            @{ Type = 'FactAccuracy'; Figures = 'city', '90.0', '85.0' }
            @{ Type = 'InterventionResult'; Figures = 'Vienna is in', 'I love Paris', 'the country of a city', 'Soft', 'Austria', 'France',
                'aris → enna (0.98)' }
            @{ Type = 'GenerationResult'; Figures = 'Vienna is in', '2', 'Austria' }
        )
    }

    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        function Get-Sample([string] $Type) { $samples[$Type] }
        function Get-Line($InputObject, [int] $Width) { @(($InputObject | Out-String -Width $Width) -split '\r?\n') }

        $model = Import-HyperDasModel $toyPath
        $dataset = New-ToyDataset
        $trained = New-ToyTraining $model $dataset
        $score = [HyperDas.RavelScore]@{
            Domain = 'nobel_prize_winner'; Attribute = 'Country of Birth'; Method = 'HyperDas'; SelectionMode = 'OneToOne';
            Cause = 62.5; Isolate = 91.24
            CauseCount = 8; IsolateCount = 16; Dialect = 'SaeBench'; HeldOut = 'Entity'
        }
        $before = [HyperDas.RavelScore]@{
            Domain = 'nobel_prize_winner'; Attribute = 'Country of Birth'; Method = 'HyperDas'; SelectionMode = 'OneToOne';
            Cause = 50; Isolate = 100
            CauseCount = 8; IsolateCount = 16; Dialect = 'SaeBench'; HeldOut = 'Entity'
        }
        $mean = [HyperDas.RavelScore]@{ Domain = 'city'; Attribute = '(all)'; Method = 'HyperDas'; SelectionMode = 'Soft'; Cause = 62.5;
            Isolate = 91.24; CauseCount = 8; IsolateCount = 16 }
        $accuracy = [HyperDas.FactAccuracy]::new('city', 90, 85)
        $samples = @{
            ModelHandle = $model; InterpreterHandle = $trained.Interpreter; TrainingResult = $trained; RavelDataset = $dataset;
            RavelExample = $dataset.Test[0]
            OpenHandle = Get-HyperDasModel | Where-Object { [object]::ReferenceEquals($_.Handle, $model) }
            RavelScore = $score; RavelScoreComparison = $score | Compare-RavelScore -Before $before
            ModelCheck = Test-HyperDasModel $model -Layer 1; RavelDomain = Import-RavelDataset $ravelPath city
            ExperimentRun = Test-HyperDasExperiment (New-ToySweep "$TestDrive/sweep")
            ExperimentResult = [HyperDas.ExperimentResult]@{
                Name = 'a name that is long enough to be too long for its column/layer-3';
                Path = '/somewhere/runs/a-name-that-is-long/layer-3'; WasFinished = $false; Steps = 1128
                Values = [System.Collections.Generic.Dictionary[string, string]]::new(); Duration = [timespan]::new(25, 0, 7);
                Scores = [HyperDas.RavelScore[]] @($mean)
            }
            LayerCandidate = [HyperDas.LayerCandidate]@{
                Name = 'layer-sweep'; Place = 2; Layer = 31; SwapCause = 99.7; ProcessorTime = [timespan]::FromSeconds(1234.5)
                Trials = [HyperDas.LayerTrial[]] @([HyperDas.LayerTrial]::new(1128, 46.7, 70.3)); LeftOut = 'swap changes 12.3 %'
            }
            TrainingStep = [HyperDas.TrainingStep]::new(7, 0.5, 1.25, 1, 0.25, 3, 1e-4)
            FactAccuracy = $accuracy
            PretrainingResult = [HyperDas.PretrainingResult]@{
                Path = 'models/small'; ParameterCount = 1317248; Tokens = 100000; Steps = 2000; FinalLoss = 0.125; Duration = '00:01:05';
                Accuracy = [HyperDas.FactAccuracy[]] @($accuracy); Seed = 1
            }
            InterventionResult = [HyperDas.InterventionResult]@{
                BasePrompt = 'Vienna is in'; CounterfactualPrompt = 'I love Paris'; Concept = 'the country of a city';
                SelectionMode = 'Soft'
                OriginalOutput = 'Austria'; IntervenedOutput = 'France'; BaseTokens = [string[]]@('V', 'enna');
                SourceTokens = [string[]]@('P', 'aris')
                ChosenTokens = [HyperDas.TokenChoice[]]@([HyperDas.TokenChoice]::new('enna', 1, 'aris', 1, 0.98));
                Weights = [double[][]]@([double[]]@(0.125, 0.98), [double[]]@(0.875, 0.02))
            }
            GenerationResult = [HyperDas.GenerationResult]::new('Vienna is in', ' Austria', 2)
        }
    }
    AfterAll { $trained.Interpreter, $model | Where-Object { $null -ne $_ } | Remove-HyperDasModel }

    It 'show the key figures of <Type> in 80 columns, and in 120' -ForEach $key {
        foreach ($width in 80, 120) {
            $lines = Get-Line (Get-Sample $Type) $width
            ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual $width
            # A column that wraps shows the rest of a text in the next line.
            $text = ($lines -join "`n") -replace '\s*\n\s+', "`n"
            foreach ($figure in $Figures) { $text | Should -BeLike "*$figure*" -Because "of a $Type at $width" }
        }
    }

    It 'show a <Type> after another record in a few lines, without the text of records in records' -ForEach $key {
        $lines = Get-Line @($accuracy; $trained.Metrics[0]; Get-Sample $Type | Select-Object -First 1 | ForEach-Object { $_ }) 80
        $lines.Count | Should -BeLessThan 45
        $lines -join "`n" | Should -Not -Match 'Rav\w+ \{|Experiment\w* \{|Options \{|Training\w+ \{'
    }

    It 'leave the choice of properties of a <Type> to Format-*' -ForEach $key {
        $sample = @(Get-Sample $Type)[0]
        $property = @($sample.PSObject.Properties.Name)[0]
        (Get-Line ($sample | Format-List $property) 80 | Where-Object { $_ }).Count | Should -BeLessOrEqual 2 -Because 'Format-List'
        @(Get-Line ($sample | Format-Table $property) 80 | Where-Object { $_ })[0].Trim() |
            Should -BeExactly $property -Because 'Format-Table'
        (Get-Line ($sample | Format-Wide $property) 80 | Where-Object { $_ }).Count | Should -BeLessOrEqual 2 -Because 'Format-Wide'
    }

    It 'break no name in an open model''s row inside a word, and name equal users once' {
        $users = 'HyperDas at layer 2 of toy', 'Invoke-HyperDasIntervention', 'Start-HyperDasTraining (job)', 'HyperDas at layer 2 of toy'
        $open = [HyperDas.OpenHandle]::new('HyperDas at layer 15 of Llama-3.1-8B-Instruct', 'Interpreter', 32GB, 'cuda:0',
            [datetimeoffset]::Now, [timespan]::FromDays(12.4), [string[]] $users, $model)
        foreach ($width in 80, 120) {
            $lines = Get-Line $open $width
            ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual $width
            # Headers, their line, and what comes under them, in the columns of their headers.
            $header = @($lines -match '^Kind')[0]
            $columns = foreach ($label in 'Name', 'Users') {
                $start = $header.IndexOf($label)
                , @($lines | Where-Object { $_.Length -gt $start } |
                        ForEach-Object { $_.Substring($start, [Math]::Min(20, $_.Length - $start)).Trim() } | Where-Object { $_ } |
                        Select-Object -Skip 2)
            }
            $columns[0] | Should -Be 'HyperDas at layer 15', 'of Llama-3.1-8B-', 'Instruct'
            $columns[1] | Should -Be 'HyperDas at layer 2', 'of toy (2)', 'Invoke-', 'HyperDasIntervention', 'Start-',
                'HyperDasTraining', '(job)'
            $lines -join "`n" | Should -BeLike '*32.0 GiB cuda:0 12.09:36 *'
        }
    }

    It 'say when a model has been released' {
        $released = Import-HyperDasModel $toyPath
        $released | Remove-HyperDasModel
        $released | Out-String -Width 80 | Should -BeLike '*released*'
    }

    It 'show a file as Get-ChildItem does' {
        $file = New-HyperDasExperiment "$TestDrive/shown [1].yaml"
        $file | Should -BeOfType System.IO.FileInfo
        $file.PSPath | Should -Be (Get-Item -LiteralPath "$TestDrive/shown [1].yaml").PSPath
        ($file | Out-String -Width 120) -replace '\s' |
            Should -BeExactly ((Get-Item -LiteralPath "$TestDrive/shown [1].yaml" | Out-String -Width 120) -replace '\s')
    }
}
