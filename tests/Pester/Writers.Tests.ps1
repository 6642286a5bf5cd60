# One rule for everything that writes: missing folders are made, what exists is replaced only with -Force, -WhatIf writes nothing.
BeforeDiscovery {
    # How each command writes to $to, and what it leaves there; null where the engine keeps what is right and refuses only what isn't.
    $writers = @(
        @{ Name = 'Export-HyperDasHeatmap'; File = 'a.svg'; Run = { $intervention | Export-HyperDasHeatmap $to @more } }
        @{ Name = 'Export-HyperDasPlot'; File = 'a.svg'; Run = { $scores | Export-HyperDasPlot $to @more } }
        @{ Name = 'Export-HyperDasReport'; File = 'a.html'; Run = { $scores | Export-HyperDasReport $to @more } }
        @{ Name = 'Export-RavelDataset'; File = 'a.jsonl'; Run = { $dataset | Export-RavelDataset $to @more } }
        @{ Name = 'New-HyperDasExperiment'; File = 'a.yaml'; Run = { New-HyperDasExperiment $to @more } }
        @{ Name = 'Measure-RavelScore'; File = 'a.json';
            Run = { Measure-RavelScore $interpreter $dataset -BootstrapCount 0 -OutputPath $to @more } }
        @{ Name = 'Start-HyperDasTraining -MetricsPath'; File = 'a.jsonl';
            Run = { Start-HyperDasTraining $model $dataset -Layer 2 -Method Das -FeatureDimension 2 -MaxSteps 1 -MetricsPath $to @more } }
        @{ Name = 'Export-HyperDasInterpreter'; File = ''; Mark = 'interpreter.json';
            Run = { $interpreter | Export-HyperDasInterpreter $to @more } }
        @{ Name = 'Start-HyperDasTraining'; File = ''; Mark = 'interpreter.json';
            Run = { Start-HyperDasTraining $model $dataset -Layer 2 -Method Das -FeatureDimension 2 -MaxSteps 1 -OutputPath $to @more } }
        @{ Name = 'Start-HyperDasPretraining'; File = ''; Mark = 'config.json';
            Run = { $domain | Start-HyperDasPretraining $to -Tokens 1 -PretrainingOption $tiny @more } }
        @{ Name = 'Invoke-HyperDasExperiment'; File = ''; Mark = 'scores.json'; Kept = $true;
            Run = { Invoke-HyperDasExperiment $single -OutputPath $to @more } }
        @{ Name = 'Find-HyperDasLayer'; File = ''; Mark = 'layers/swaps.json'; Kept = $true;
            Run = { Find-HyperDasLayer $single -Layer 2 -OutputPath $to @more } }
    )
}

Describe 'What writes' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $model = Import-HyperDasModel $toyPath
        $dataset = New-ToyDataset
        $domain = Import-RavelDataset $ravelPath verb
        $interpreter = (New-ToyTraining $model $dataset).Interpreter
        $intervention = Invoke-HyperDasIntervention $interpreter 'Vienna is in' 'I love Paris' 'x' -MaxNewTokens 2
        $scores = Measure-RavelScore $interpreter $dataset -BootstrapCount 0
        $tiny = @{ HiddenSize = 8; BlockCount = 1; HeadCount = 1; KeyValueHeadCount = 1; InnerSize = 8; VocabularySize = 300;
            ReadingLayer = 0; BatchTokens = 64 }
        # Not below TestDrive: Pester 5.9 can't remove folders with brackets.
        $folder = [System.IO.Directory]::CreateTempSubdirectory('hyperdas writers [').FullName
        $single = New-ToySweep "$folder/single"
        [System.IO.File]::WriteAllLines($single,
            [string[]] ([System.IO.File]::ReadAllLines($single) | Where-Object { $_ -notlike 'sweep:*' }))
    }
    AfterAll {
        $interpreter, $model | Remove-HyperDasModel
        [System.IO.Directory]::Delete($folder, $true)
    }

    It 'is written down above, every command that has -Force' {
        $names = @($writers.Name | ForEach-Object { $_.Split(' ')[0] }) + 'Save-RavelDataset', 'Save-HyperDasModel', 'Save-HyperDasBackend',
            'Install-HyperDasBackend'
        foreach ($command in Get-Command -Module HyperDas) {
            $command.Parameters.ContainsKey('Force') | Should -Be ($names -contains $command.Name) -Because $command.Name
            $writes = $command.Verb -in 'Export', 'Save', 'Install' -or $command.Parameters.ContainsKey('OutputPath') -or
                $command.Parameters.ContainsKey('MetricsPath')
            # They say what runs would write or have written, and write nothing; or runs are written by others, which refuse what isn't
            # theirs.
            if ($writes -and $command.Name -notin 'Test-HyperDasExperiment', 'Get-HyperDasExperiment', 'Submit-HyperDasExperiment') {
                $names | Should -Contain $command.Name }
            if ($names -contains $command.Name) { $command.Parameters.ContainsKey('WhatIf') | Should -BeTrue -Because $command.Name }
        }
    } -ForEach @{ Writers = $writers }

    It 'makes missing folders, replaces only with -Force, and nothing with -WhatIf: <Name>' -ForEach $writers {
        $base = "$folder/$([guid]::NewGuid()) [a]"
        $to = if ($File) { "$base/new/$File" } else { "$base/new" }
        $mark = if ($File) { $to } else { "$to/$Mark" }

        $more = @{ WhatIf = $true }
        $null = & $Run
        [System.IO.Path]::Exists($base) | Should -BeFalse -Because '-WhatIf writes nothing'

        $more = @{ ErrorAction = 'Stop' }
        $null = & $Run
        [System.IO.File]::Exists($mark) | Should -BeTrue -Because 'missing folders are made'

        if (-not $Kept) {
            [System.IO.File]::WriteAllText($mark, 'older')
            { & $Run } | Should -Throw -ErrorId 'OutputExists,*'
            [System.IO.File]::ReadAllText($mark) | Should -BeExactly 'older'
        }
        $more = @{ ErrorAction = 'Stop'; Force = $true }
        $null = & $Run
        [System.IO.File]::ReadAllText($mark) | Should -Not -BeExactly 'older' -Because '-Force replaces'
    }

    It 'says before any work what can''t be written: <Name>' -ForEach $writers {
        $blocker = "$folder/$([guid]::NewGuid())"
        [System.IO.File]::WriteAllText($blocker, 'a file')
        $more = @{ ErrorAction = 'Stop' }
        foreach ($to in ($File ? "$blocker/new/$File" : "$blocker/new"), ($File ? $folder : $blocker)) {
            { & $Run } | Should -Throw -ErrorId 'WriteFailed,*' -ExpectedMessage '*is a f*'
        }
        [System.IO.File]::ReadAllText($blocker) | Should -BeExactly 'a file'
    }

    It 'takes what it writes in first position, too: <Name>' -ForEach @(
        @{ Name = 'Export-HyperDasInterpreter'; Given = { $interpreter }; File = 'first' }
        @{ Name = 'Export-RavelDataset'; Given = { $dataset }; File = 'first.jsonl' }
        @{ Name = 'Export-HyperDasHeatmap'; Given = { $intervention }; File = 'first.svg' }
        @{ Name = 'Export-HyperDasPlot'; Given = { $scores }; File = 'first plot.svg' }
        @{ Name = 'Export-HyperDasReport'; Given = { $scores[0] }; File = 'first.html' }
    ) {
        $to = "$folder/$File"
        $given = & $Given
        & $Name $given $to
        [System.IO.Path]::Exists($to) | Should -BeTrue
        # The file may be named by itself.
        $given | & $Name (Get-Item -LiteralPath $to) -Force
        { & $Name $given $to -ErrorAction Stop } | Should -Throw -ErrorId 'OutputExists,*'
    }

    It 'says what is needed where something else is given: <Name>' -ForEach @(
        @{ Name = 'Export-HyperDasHeatmap'; Given = { $dataset }; Needed = '*An intervention is required*the dataset*' }
        @{ Name = 'Export-RavelDataset'; Given = { $domain }; Needed = "*A dataset is required*the domain 'verb'*" }
        @{ Name = 'Export-HyperDasInterpreter'; Given = { $dataset }; Needed = '*An interpreter is required*' }
        @{ Name = 'Start-HyperDasPretraining'; Given = { 'verb' }; Needed = "*A domain of the benchmark is required*the text 'verb'*" }
    ) {
        # A command that gathers its input says at the end that there was none.
        try { $null = & $Given | & $Name "$folder/never" -ErrorAction SilentlyContinue -ErrorVariable problems }
        catch { $_.FullyQualifiedErrorId | Should -BeLike 'DatasetEmpty,*' }
        $problems[0].Exception.Message | Should -BeLike $Needed
        [System.IO.Path]::Exists("$folder/never") | Should -BeFalse
    }

    It 'lets no input of one command replace what another has just written' {
        { $dataset, $dataset | Export-RavelDataset "$folder/one.jsonl" -Force -ErrorAction Stop } |
            Should -Throw -ErrorId 'OutputExists,*' -ExpectedMessage '*earlier input*'
    }
}
