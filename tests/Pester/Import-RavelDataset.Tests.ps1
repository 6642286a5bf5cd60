Describe 'Import-RavelDataset' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $command = 'HyperDas.Commands.ImportRavelDatasetCommand'
    }

    It 'reads one domain' {
        $city = Import-RavelDataset $ravelPath -Domain city
        $city | Should -BeOfType HyperDas.RavelDomain
        $city.Name | Should -BeExactly 'city'
        $city.Attributes | Should -Contain 'Country'
        $city.Entities.Name | Should -Contain 'Vienna'
    }

    It 'reads all domains of the folder when none is named' {
        Import-RavelDataset $ravelPath | Should -HaveCount 5
    }

    It 'goes on with the next domain after one that does not exist' {
        $domains = Import-RavelDataset $ravelPath -Domain planet, verb -ErrorAction SilentlyContinue -ErrorVariable problems
        $domains.Name | Should -BeExactly 'verb'
        $problems | Should -HaveCount 1
    }

    It 'takes paths from the pipeline, by value and by property name' {
        ($ravelPath | Import-RavelDataset -Domain verb).Name | Should -BeExactly 'verb'
        ([pscustomobject]@{ Path = $ravelPath } | Import-RavelDataset -Domain verb).Name | Should -BeExactly 'verb'
        ([pscustomobject]@{ PSPath = $ravelPath } | Import-RavelDataset -Domain verb).Name | Should -BeExactly 'verb'
    }

    It 'names a domain that does not exist' {
        { Import-RavelDataset $ravelPath -Domain planet -ErrorAction Stop } | Should -Throw -ErrorId "DomainNotFound,$command"
    }

    It 'reads descriptions beside the other files, and refuses a text that two attributes have' {
        (Import-RavelDataset $ravelPath city).Descriptions | Where-Object Attribute -EQ Timezone |
            Select-Object -First 1 -ExpandProperty Text | Should -BeExactly 'the timezone of a city'

        foreach ($file in [System.IO.Directory]::GetFiles($ravelPath, '*_verb_*')) {
            [System.IO.File]::Copy($file, "$TestDrive/$([System.IO.Path]::GetFileName($file))") }
        $known = "$TestDrive/ravel_verb_attribute_to_descriptions.json"
        [System.IO.File]::WriteAllText($known, [System.IO.File]::ReadAllText($known).Replace('"gerund"', '"Third person singular"'))

        $problem = { Import-RavelDataset $TestDrive verb -ErrorAction Stop } | Should -Throw -ErrorId "RavelFileCorrupt,$command" -PassThru
        $problem.Exception.Message |
            Should -BeLike '*ravel_verb_attribute_to_descriptions.json*Participle.train*"Third person singular"*Singular*'
    }

    It 'names a folder that does not exist' {
        { Import-RavelDataset "$TestDrive/missing" -ErrorAction Stop } | Should -Throw -ErrorId "PathNotFound,$command"
    }

    It 'says of a folder without data that it has none, and where there are some' {
        $folder = [System.IO.Directory]::CreateDirectory("$TestDrive/no [data]").FullName
        { Import-RavelDataset -LiteralPath $folder -ErrorAction Stop } | Should -Throw -ErrorId "DatasetNotFound,$command"
        Import-RavelDataset -LiteralPath $folder -ErrorAction SilentlyContinue -ErrorVariable problem
        "$problem" | Should -BeLike '*contains no data*Save-RavelDataset*'
        Import-RavelDataset "$ravelPath/.." -ErrorAction SilentlyContinue -ErrorVariable problem
        "$problem" | Should -BeLike '*contains data in*ravel-mini*'
    }

    It 'completes the domains of the folder' {
        $line = "Import-RavelDataset '$ravelPath' -Domain n"
        $completion = [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null)
        $completion.CompletionMatches.CompletionText | Should -Be 'nobel_prize_winner'
    }

    It 'completes them from where the session is, too' {
        $before = $ExecutionContext.SessionState.Path.CurrentFileSystemLocation.Path
        $null = $ExecutionContext.SessionState.Path.SetLocation("$ravelPath/..")
        try {
            $completion = [System.Management.Automation.CommandCompletion]::CompleteInput(
                'Import-RavelDataset ravel-mini -Domain v', 40, $null)
            $completion.CompletionMatches.CompletionText | Should -Be 'verb'
        }
        finally { $null = $ExecutionContext.SessionState.Path.SetLocation($before) }
    }

    It 'takes domains by pattern and in any case, each once' {
        (Import-RavelDataset $ravelPath -Domain 'c*', 'VERB', 'ci?y').Name | Should -Be 'city', 'verb'
        foreach ($none in 'z*', 'city[', '[a-b]*') {
            { Import-RavelDataset $ravelPath -Domain $none -ErrorAction Stop } |
                Should -Throw -ErrorId 'DomainNotFound,*' -ExpectedMessage '*occupation*'
        }
    }

    It 'reads what was exported under the same text: <Name>' -ForEach @{ Name = 'da[t]a/c[1].jsonl' }, @{ Name = 'data `[x`]/c.jsonl' },
        @{ Name = 'Data:/in a [drive].jsonl' } {
        # Not below TestDrive: Pester 5.9 can't remove folders with brackets.
        $folder = [System.IO.Directory]::CreateTempSubdirectory('hyperdas data ').FullName
        $null = New-PSDrive -Name Data -PSProvider FileSystem -Root $folder -Scope Global
        try {
            Push-Location -LiteralPath $folder
            $dataset = New-ToyDataset
            $dataset | Export-RavelDataset $Name
            (Import-RavelDataset $Name).Test | Should -Be $dataset.Test
            (Import-RavelDataset -LiteralPath $Name).Test | Should -Be $dataset.Test
        }
        finally {
            Pop-Location
            Remove-PSDrive Data
            [System.IO.Directory]::Delete($folder, $true)
        }
    }
}
