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
        $dataset.Train.Count, $dataset.Val.Count, $dataset.Test.Count | Should -Be 6, 6, 12
        $dataset.Attributes | Should -Be 'Country'
        $dataset.Counts.KnownFacts | Should -BeGreaterThan 0
    }

    It 'gives the same examples for the same seed' {
        $first, $second, $other = 1, 1, 2 | ForEach-Object { $city | New-RavelDataset $model @few -Seed $_ }
        $second.Train | Should -Be $first.Train
        $other.Train | Should -Not -Be $first.Train
    }

    It 'builds one dataset of all the domains that come' {
        $dataset = Import-RavelDataset $ravelPath -Domain city, physical_object |
            New-RavelDataset $model -Attribute Country, Color -TrainCount 2 -ValCount 0 -TestCount 0
        $dataset | Should -HaveCount 1
        $dataset.Domains | Should -Be 'city', 'physical_object'
    }

    It 'brings smaller domains up to the largest on request' {
        $domains = Import-RavelDataset $ravelPath -Domain city, physical_object
        $counts = @{ Attribute = 'Country', 'Language', 'Color'; TrainCount = 2; ValCount = 0; TestCount = 0 }
        ($domains | New-RavelDataset $model @counts).Train | Should -HaveCount 6
        ($domains | New-RavelDataset $model @counts -Upsampling LargestDomain).Train | Should -HaveCount 8
    }

    It 'makes RAVEL''s own instances: a context and an entity test in the model''s words' {
        # A few entities and one attribute's templates, so that it takes seconds.
        $small = [HyperDas.RavelDomain]::new('city', $ravelPath, [string[]]('Country', 'Language'),
            [HyperDas.RavelEntity[]]@($city.Entities | Where-Object { $script:place++ % 4 -eq 0 }),
            [HyperDas.RavelTemplate[]]@($city.Templates | Where-Object Attribute -In 'Country', 'Language'), $city.Distractors)
        $instance = $small | New-RavelDataset $model -Builder Ravel -TrainCount 20 -ValCount 0 -TestCount 20
        $instance.Attributes | Should -Be 'Country', 'Language'
        $instance.Test.HeldOut | Should -Contain 'Context'
        $instance.Test.HeldOut | Should -Contain 'Entity'
        $instance.Test[0].ValuesAreVerbatim | Should -BeTrue
        $instance.Provenance.ModelFingerprint | Should -BeExactly $model.Fingerprint
        $instance.Provenance.TimeZoneDate.ToString('yyyy-MM-dd') | Should -BeExactly '2024-01-15'
    }

    It 'puts concepts into many words, and describes what is not there' {
        $dataset = $city | New-RavelDataset $model @few -InstructionStyle Descriptions -AbsentShare 1 -WarningVariable warned
        $warned | Should -BeNullOrEmpty
        ($dataset.Train | Where-Object Kind -EQ Isolate).Wording | Should -Be (@('Absent') * 3)
        ($dataset.Train | Where-Object Kind -EQ Cause).Wording | Should -Be (@('Trained') * 3)
        ($dataset.Test | Group-Object Wording | ForEach-Object Count) | Should -Be 4, 4, 4
        ($dataset.Test | Where-Object Wording -EQ Absent | ForEach-Object { $_.Label -ceq $_.BaseValue }) | Should -Not -Contain $false
    }

    It 'says once that a domain without descriptions keeps one sentence' {
        $bare = [HyperDas.RavelDomain]::new('city', $ravelPath, $city.Attributes, $city.Entities, $city.Templates, $city.Distractors)
        $dataset = $bare | New-RavelDataset $model @few -InstructionStyle Descriptions -WarningVariable warned `
            -WarningAction SilentlyContinue
        $warned | Should -HaveCount 1
        "$warned" | Should -BeLike '*missing for city*ravel_<domain>_attribute_to_descriptions.json*'
        $dataset.Test.Wording | Should -Not -Contain 'Unseen'
    }

    It 'says how many pairs trainings draw from' {
        ($city | New-RavelDataset $model @few).PairCount | Should -BeGreaterThan 6
    }

    It 'refuses -EntitySplit with the builder that makes both tests' {
        { $city | New-RavelDataset $model -Builder Ravel -EntitySplit Same -ErrorAction Stop } |
            Should -Throw -ErrorId "DatasetOptionsInvalid,$command"
    }

    It 'says so when the model knows none of the facts' {
        $toy = Import-HyperDasModel $toyPath
        { $city | New-RavelDataset $toy -MaxTokens 200 -ErrorAction Stop } | Should -Throw -ErrorId "DatasetImpossible,$command"
        $toy | Remove-HyperDasModel
    }

    It 'takes attributes by pattern and in any case, and the path of a model' {
        $dataset = $city | New-RavelDataset "$repository/examples/models/mini-llama" -Attribute 'cou*',
            'LANGUAGE' -TrainCount 2 -ValCount 0 -TestCount 0
        $dataset.Attributes | Should -Be 'Country', 'Language'
        { $city | New-RavelDataset $model -Attribute 'z*' -ErrorAction Stop } |
            Should -Throw -ErrorId "AttributeNotFound,$command" -ExpectedMessage '*Country*'
    }

    It 'names an attribute that no domain has' {
        { $city | New-RavelDataset $model -Attribute Smell -ErrorAction Stop } | Should -Throw -ErrorId "AttributeNotFound,$command"
    }

    It 'refuses to build a dataset of nothing' {
        { $city | New-RavelDataset $model -TrainCount 0 -ValCount 0 -TestCount 0 -ErrorAction Stop } |
            Should -Throw -ErrorId "DatasetOptionsInvalid,$command"
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
