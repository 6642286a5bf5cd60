# What holds for every command: how it binds, that WhatIf writes nothing, and that it stops when nobody wants more.
Describe 'The contract of the commands' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $common = [System.Management.Automation.Cmdlet]::CommonParameters

        # By value, by property name, and whether it asks before it writes.
        $contract = @{
            'Compare-RavelScore'          = 'After', 'After', $false
            'Export-HyperDasHeatmap'      = 'Intervention', '', $true
            'Export-HyperDasInterpreter'  = 'Interpreter', 'Interpreter', $true
            'Export-HyperDasPlot'         = 'InputObject', '', $true
            'Export-HyperDasReport'       = 'InputObject', '', $true
            'Export-RavelDataset'         = 'Dataset', '', $true
            'Find-HyperDasLayer'          = 'Path', 'Path LiteralPath', $true
            'Get-HyperDasExperiment'      = 'Path', 'Path LiteralPath', $false
            'Get-HyperDasModel'           = 'Name', '', $false
            'Import-HyperDasModel'        = 'Model Path', 'LiteralPath Path', $false
            'Import-RavelDataset'         = 'Path', 'Path LiteralPath', $false
            'Import-RavelScore'           = 'Path', 'Path LiteralPath', $false
            'Install-HyperDasBackend'     = '', '', $true
            'Invoke-HyperDasExperiment'   = 'Path', 'Path LiteralPath', $true
            'Invoke-HyperDasGeneration'   = 'InputObject', 'Prompt', $false
            'Invoke-HyperDasIntervention' = 'InputObject',
                'Interpreter BasePrompt CounterfactualPrompt Concept BaseEntity CounterfactualEntity SelectionMode', $false
            'Measure-RavelScore'          = 'Interpreter Model', 'Interpreter', $true
            'New-HyperDasExperiment'      = 'Path', 'Path', $true
            'New-RavelDataset'            = 'InputObject', '', $false
            'Remove-HyperDasModel'        = 'InputObject', '', $true
            'Save-HyperDasBackend'        = 'RuntimeIdentifier', '', $true
            'Save-HyperDasModel'          = 'Id', 'Id', $true
            'Save-RavelDataset'           = '', '', $true
            'Start-HyperDasPretraining'   = 'InputObject', '', $true
            'Start-HyperDasTraining'      = 'Dataset', '', $true
            'Submit-HyperDasExperiment'   = 'Path', 'Path LiteralPath', $true
            'Test-HyperDasBackend'        = 'Path', 'Path', $false
            'Test-HyperDasExperiment'     = 'Path', 'Path LiteralPath', $false
            'Test-HyperDasModel'          = 'Model Interpreter Path', 'Interpreter Path LiteralPath', $false
        }

        function Get-Bound($Command, [string] $How) {
            foreach ($parameter in $Command.Parameters.Values) {
                if ($common -notcontains $parameter.Name -and (@($parameter.ParameterSets.Values.$How) -contains $true)) { $parameter.Name }
            }
        }

        # Everything that a test may write to, and a record of what is in it.
        $folder = [System.IO.Directory]::CreateTempSubdirectory('hyperdas contract ').FullName
        function Get-Content-OfFolder { @([System.IO.Directory]::GetFileSystemEntries($folder, '*', 'AllDirectories')) -join "`n" }

        $model = Import-HyperDasModel $toyPath
        $dataset = New-ToyDataset
        $result = New-ToyTraining $model $dataset
        $interpreter = $result.Interpreter
        $sweep = New-ToySweep "$folder/sweep"
    }
    AfterAll {
        $interpreter, $model | Remove-HyperDasModel
        [System.IO.Directory]::Delete($folder, $true)
    }

    It 'is written down for each of them' {
        $names = @((Get-Command -Module HyperDas).Name)
        $names | Should -HaveCount $contract.Count
        foreach ($name in $names) { $contract.ContainsKey($name) | Should -BeTrue -Because $name }
    }

    It 'binds from the pipeline as it is written, by value and by property name' {
        foreach ($name in $contract.Keys) {
            $command = Get-Command $name
            (Get-Bound $command ValueFromPipeline) -join ' ' | Should -BeExactly $contract[$name][0] -Because $name
            (Get-Bound $command ValueFromPipelineByPropertyName) -join ' ' | Should -BeExactly $contract[$name][1] -Because $name
        }
    }

    It 'asks before it writes wherever something is written' {
        foreach ($name in $contract.Keys) {
            (Get-Command $name).Parameters.ContainsKey('WhatIf') | Should -Be $contract[$name][2] -Because $name
        }
    }

    It 'writes nothing with WhatIf' {
        $before = Get-Content-OfFolder
        $score = Measure-RavelScore $interpreter $dataset
        $score | Export-HyperDasPlot "$folder/a.svg" -WhatIf
        $score | Export-HyperDasReport "$folder/a.html" -WhatIf
        $dataset | Export-RavelDataset "$folder/a.jsonl" -WhatIf
        $interpreter | Export-HyperDasInterpreter "$folder/a" -WhatIf
        Invoke-HyperDasIntervention $interpreter 'Vienna' 'Paris' 'x' | Export-HyperDasHeatmap "$folder/b.svg" -WhatIf
        Invoke-HyperDasExperiment $sweep -OutputPath "$folder/runs" -WhatIf
        New-HyperDasExperiment "$folder/a.yaml" -WhatIf
        Install-HyperDasBackend -Destination "$folder/torch" -WhatIf
        Save-HyperDasBackend "$folder/bundle" -WhatIf
        Save-HyperDasModel maker/model "$folder/saved" -WhatIf
        Save-RavelDataset "$folder/ravel" -WhatIf
        Start-HyperDasTraining $model $dataset -Layer 2 -OutputPath "$folder/trained" -WhatIf
        Import-RavelDataset $ravelPath verb | Start-HyperDasPretraining -OutputPath "$folder/pretrained" -WhatIf
        $model | Remove-HyperDasModel -WhatIf
        Get-Content-OfFolder | Should -BeExactly $before
        $model.IsDisposed | Should -BeFalse
    }

    It 'says where it wrote to whoever wants to know' {
        $dataset | Export-RavelDataset "$folder/told.jsonl" -InformationVariable told -InformationAction SilentlyContinue
        "$($told.MessageData)" | Should -BeExactly "Export-RavelDataset wrote '$([System.IO.Path]::Combine($folder, 'told.jsonl'))'."
        $told.Tags | Should -Be 'HyperDas'
        $interpreter | Export-HyperDasInterpreter "$folder/told" -InformationVariable told -InformationAction SilentlyContinue
        $told | Should -HaveCount 1
    }

    It 'says which row lacks its column, and which has an empty cell: <Command>' -ForEach @(
        @{ Command = 'Import-HyperDasModel' }, @{ Command = 'Import-RavelDataset' }, @{ Command = 'Import-RavelScore' }
        @{ Command = 'Test-HyperDasModel' }, @{ Command = 'Test-HyperDasExperiment' }, @{ Command = 'Get-HyperDasExperiment' }
        @{ Command = 'Find-HyperDasLayer' }, @{ Command = 'Invoke-HyperDasExperiment' }, @{ Command = 'Submit-HyperDasExperiment' }
        @{ Command = 'Measure-RavelScore'; Column = 'Interpreter'; More = @{ Dataset = { $dataset } } }
        @{ Command = 'Export-HyperDasInterpreter'; Column = 'Interpreter'; More = @{ Path = { "$folder/none" } } }
        @{ Command = 'New-HyperDasExperiment' }, @{ Command = 'Save-HyperDasModel'; Column = 'Id' }, @{ Command = 'Compare-RavelScore';
            More = @{ Before = { Measure-RavelScore $interpreter $dataset -BootstrapCount 0 } } }
    ) {
        $column = $Column ?? 'Path'
        $with = @{}
        foreach ($name in $More.Keys) { $with[$name] = & $More[$name] }
        $before = Get-Content-OfFolder
        Push-Location -LiteralPath $folder
        try {
            $rows = "Name,Other`na,b`nc,d" | ConvertFrom-Csv
            $null = $rows | & $Command @with -ErrorAction SilentlyContinue -ErrorVariable problems
            $problems | Should -HaveCount 2
            foreach ($i in 0, 1) {
                $problems[$i].FullyQualifiedErrorId | Should -BeLike 'RowIncomplete,*'
                $problems[$i].Exception.Message | Should -BeLike "Row $($i + 1) of the input: *"
                $problems[$i].TargetObject | Should -Be $rows[$i]
            }
            if (-not $More) {
                $null = [pscustomobject]@{ Other = 'x' }, [pscustomobject]@{ $column = '' } |
                    & $Command -ErrorAction SilentlyContinue -ErrorVariable problems
                $problems[1].Exception.Message | Should -BeLike 'Row 2 of the input: *'
            }
        }
        finally { Pop-Location }
        Get-Content-OfFolder | Should -BeExactly $before
    }

    It 'takes the next record only when it is wanted' {
        $record = [pscustomobject]@{ BasePrompt = 'Vienna is in'; CounterfactualPrompt = 'Paris'; Concept = 'x';
            Prompt = 'Vienna'; Path = $toyPath }
        foreach ($command in { process { $_ | Invoke-HyperDasIntervention $interpreter -BatchSize 1 } },
            { process { $_ | Invoke-HyperDasGeneration $model -MaxNewTokens 1 } }, { process { $_ | Import-HyperDasModel } }) {
            $script:taken = 0
            do { 1..5 | ForEach-Object { $script:taken++; $record } | & $command |
                ForEach-Object { if ($_ -is [HyperDas.ModelHandle]) { $_ | Remove-HyperDasModel }; break } } while ($false)
            $script:taken | Should -Be 1 -Because "$command"
        }
    }

    It 'stops in the middle of a batch pipeline without a record too many' {
        $script:taken = 0
        do {
            1..50 | ForEach-Object { $script:taken++;
                [pscustomobject]@{ BasePrompt = 'Vienna is in'; CounterfactualPrompt = 'Paris'; Concept = 'x' } } |
                Invoke-HyperDasIntervention $interpreter -BatchSize 4 | ForEach-Object { break }
        } while ($false)
        $script:taken | Should -BeLessOrEqual 8
    }

    It 'begins no further run of an experiment when the first was enough' {
        do { Invoke-HyperDasExperiment $sweep -OutputPath "$folder/stopped" | ForEach-Object { break } } while ($false)
        [System.IO.Directory]::GetFiles("$folder/stopped", 'scores.json', 'AllDirectories') | Should -HaveCount 1
    }
}
