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

    It 'names a domain that does not exist' {
        { Import-RavelDataset $ravelPath -Domain planet -ErrorAction Stop } | Should -Throw -ErrorId "DomainNotFound,$command"
    }

    It 'names a folder that does not exist' {
        { Import-RavelDataset "$TestDrive/missing" -ErrorAction Stop } | Should -Throw -ErrorId "PathNotFound,$command"
    }

    It 'completes the domains of the folder' {
        $line = "Import-RavelDataset '$ravelPath' -Domain n"
        $completion = [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null)
        $completion.CompletionMatches.CompletionText | Should -Be 'nobel_prize_winner'
    }
}
