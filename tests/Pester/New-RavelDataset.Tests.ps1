Describe 'New-RavelDataset' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $command = 'HyperDas.Commands.NewRavelDatasetCommand'
        $model = Import-HyperDasModel "$repository/examples/models/mini-llama"
        $city = Import-RavelDataset $ravelPath city
        $few = @{ Attribute = 'Country'; TrainCount = 6; ValCount = 2; TestCount = 4 }
    }
    AfterAll { $model | Remove-HyperDasModel }

    It 'builds as many examples of each kind as asked for' {
        $dataset = $city | New-RavelDataset $model @few
        $dataset | Should -BeOfType HyperDas.RavelDataset
        $dataset.Train.Count, $dataset.Val.Count, $dataset.Test.Count | Should -Be 6, 2, 4
        $dataset.Attributes | Should -Be 'Country'
        $dataset.Counts.KnownFacts | Should -BeGreaterThan 0
    }

    It 'gives the same examples for the same seed' {
        $first, $second, $other = 1, 1, 2 | ForEach-Object { $city | New-RavelDataset $model @few -Seed $_ }
        $second.Train | Should -Be $first.Train
        $other.Train | Should -Not -Be $first.Train
    }

    It 'builds one dataset of all the domains that come' {
        $dataset = Import-RavelDataset $ravelPath -Domain city, physical_object | New-RavelDataset $model -Attribute Country, Color -TrainCount 2 -ValCount 0 -TestCount 0
        $dataset | Should -HaveCount 1
        $dataset.Domains | Should -Be 'city', 'physical_object'
    }

    It 'says so when the model knows none of the facts' {
        $toy = Import-HyperDasModel $toyPath
        { $city | New-RavelDataset $toy -MaxTokens 200 -ErrorAction Stop } | Should -Throw -ErrorId "DatasetImpossible,$command"
        $toy | Remove-HyperDasModel
    }

    It 'names an attribute that no domain has' {
        { $city | New-RavelDataset $model -Attribute Smell -ErrorAction Stop } | Should -Throw -ErrorId "AttributeNotFound,$command"
    }

    It 'refuses to build a dataset of nothing' {
        { $city | New-RavelDataset $model -TrainCount 0 -ValCount 0 -TestCount 0 -ErrorAction Stop } | Should -Throw -ErrorId "DatasetOptionsInvalid,$command"
    }

    It 'completes the attributes of the domains that are given' {
        $nobel = Import-RavelDataset $ravelPath nobel_prize_winner
        $line = 'New-RavelDataset $model -InputObject $city, $nobel -Attribute '
        $completion = [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null)
        $completion.CompletionMatches.CompletionText | Should -Contain 'Country'
        $line = 'New-RavelDataset $model -InputObject $nobel -Attribute Cou'
        $completion = [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null)
        $completion.CompletionMatches.CompletionText | Should -Be "'Country of Birth'"
    }
}
