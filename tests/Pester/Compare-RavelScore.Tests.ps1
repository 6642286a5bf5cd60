Describe 'Compare-RavelScore' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $command = 'HyperDas.Commands.CompareRavelScoreCommand'
        function New-Score([double] $Cause, [string] $Attribute = 'Country', [string] $Mode = 'Soft', [string] $Domain = 'city') {
            [HyperDas.RavelScore]@{
                Domain = $Domain; Attribute = $Attribute; Method = 'HyperDas'; SelectionMode = $Mode; Cause = $Cause; Isolate = 90;
                CauseCount = 1; IsolateCount = 1
            }
        }
    }

    It 'puts scores of the same attribute side by side' {
        $comparison = Compare-RavelScore -Before (New-Score 10) -After (New-Score 40)
        $comparison | Should -BeOfType HyperDas.RavelScoreComparison
        $comparison.CauseBefore | Should -Be 10
        $comparison.Cause | Should -Be 40
        $comparison.DisentangleBefore | Should -Be 50
        $comparison.SelectionMode | Should -Be 'Soft'
    }

    It 'takes the later scores from the pipeline and keeps their order' {
        $before = (New-Score 1 Country), (New-Score 2 Language), (New-Score 3 Country -Domain verb)
        $comparison = (New-Score 4 Language), (New-Score 5 Country -Domain verb), (New-Score 6 Country) | Compare-RavelScore $before
        $comparison.CauseBefore | Should -Be 2, 3, 1
        $comparison.Cause | Should -Be 4, 5, 6
    }

    It 'compares each selection mode with itself where there are several' {
        $before = (New-Score 1 -Mode Soft), (New-Score 2 -Mode OneToOne)
        (New-Score 3 -Mode OneToOne), (New-Score 4 -Mode Soft) | Compare-RavelScore $before | ForEach-Object CauseBefore | Should -Be 2, 1
    }

    It 'lets one earlier score serve every selection mode' {
        ((New-Score 3 -Mode OneToOne), (New-Score 4 -Mode Soft) | Compare-RavelScore (New-Score 1)).CauseBefore | Should -Be 1, 1
    }

    It 'names a score that has no earlier one: <Case>' -ForEach @{ Case = 'another attribute'; Attribute = 'Smell'; Mode = 'Soft' },
        @{ Case = 'another mode'; Attribute = 'Country'; Mode = 'Global' } {
        $before = (New-Score 1 -Mode Soft), (New-Score 2 -Mode OneToOne)
        $score = New-Score 3 $Attribute $Mode
        { Compare-RavelScore $before $score -ErrorAction Stop } | Should -Throw -ErrorId "ScoreNotFound,$command"
    }

    It 'says which row is no score, and what reads a table of scores' {
        $null = (New-Score 4), (New-Score 5 | Select-Object Domain, Cause) |
            Compare-RavelScore (New-Score 1) -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems | Should -HaveCount 1
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "RowIncomplete,$command"
        $problems[0].Exception.Message | Should -BeLike 'Row 2 of the input: A score is required*Import-RavelScore*'
    }

    It 'goes on with the next score after one without counterpart' {
        $comparison = (New-Score 3 Smell), (New-Score 4) |
            Compare-RavelScore (New-Score 1) -ErrorAction SilentlyContinue -ErrorVariable problems
        $comparison | Should -HaveCount 1
        $problems | Should -HaveCount 1
        $problems[0].TargetObject.Attribute | Should -BeExactly 'Smell'
        $problems[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
    }
}
