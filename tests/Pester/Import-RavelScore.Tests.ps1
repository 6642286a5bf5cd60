Describe 'Import-RavelScore' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $command = 'HyperDas.Commands.ImportRavelScoreCommand'
        $model = Import-HyperDasModel $toyPath
        $scores = @(Measure-RavelScore $model (New-ToyDataset) -Reference FullSwap -Layer 2 -BootstrapCount 20 `
            -OutputPath "$TestDrive/run/scores.json")
        $columns = 'Domain', 'Attribute', 'Method', 'SelectionMode', 'Cause', 'Isolate', 'CauseInterval'
        # As Export-Csv writes them; the culture decides about the numbers.
        function Write-Table([string] $Name, [string] $Delimiter, [string] $Point, [string] $Head) {
            $lines = @($Head) + @($columns -join $Delimiter) + @(foreach ($score in $scores) {
                    @(foreach ($column in $columns) { """$("$($score.$column)".Replace('.', $Point))""" }) -join $Delimiter
                })
            [System.IO.File]::WriteAllLines("$TestDrive/$Name", [string[]] ($lines | Where-Object { $_ }))
            "$TestDrive/$Name"
        }
    }
    AfterAll { $model | Remove-HyperDasModel }

    It 'gives back the very scores of a file, and of the folder of a run' {
        Import-RavelScore "$TestDrive/run/scores.json" | Should -Be $scores
        Import-RavelScore -LiteralPath "$TestDrive/run" | Should -Be $scores
        "$TestDrive/ru*" | Import-RavelScore | Should -Be $scores
    }

    It 'reads a table with <Case>' -ForEach @(
        @{ Case = 'commas'; Name = 'a.csv'; Delimiter = ','; Point = '.'; Head = '' }
        @{ Case = 'semicolons and decimal commas'; Name = 'b.csv'; Delimiter = ';'; Point = ','; Head = '' }
        @{ Case = 'tabs and a line of the type'; Name = 'c.TSV'; Delimiter = "`t"; Point = '.'; Head = '#TYPE HyperDas.RavelScore' }
    ) {
        $read = @(Import-RavelScore (Write-Table $Name $Delimiter $Point $Head))
        $read.Attribute | Should -Be $scores.Attribute
        $read.Cause | Should -Be $scores.Cause
        $read.Isolate | Should -Be $scores.Isolate
        "$($read.CauseInterval)" | Should -BeExactly "$($scores.CauseInterval)"
        $read[1].IsMean | Should -BeTrue
    }

    It 'is what Compare-RavelScore takes' {
        $comparison = Compare-RavelScore -Before (Import-RavelScore (Write-Table 'd.csv' ',' '.')) -After $scores
        $comparison.CauseBefore | Should -Be $scores.Cause
    }

    It 'names file, line and column of <Case>' -ForEach @(
        @{ Case = 'a mode that there is none of'; Old = '"Soft"'; New = '"Sift"';
            Message = '*bad.csv*SelectionMode in line 2*Sift*OneToOne*' }
        @{ Case = 'a mode that is a number'; Old = '"Soft"'; New = '"1"'; Message = '*SelectionMode in line 2*' }
        @{ Case = 'a name that is empty'; Old = '"city"'; New = '""'; Message = '*Domain in line 2 is empty*' }
        @{ Case = 'a number that is none'; Old = '"FullSwap","Soft",'; New = '"FullSwap","Soft","much",'; Message = '*line 2 has 8 cells*' }
        @{ Case = 'an interval that is none'; Old = ' to '; New = ' up to '; Message = '*CauseInterval in line 2*' }
        @{ Case = 'a column that is missing'; Old = 'Isolate'; New = 'Other'; Message = '*no column Isolate*' }
        @{ Case = 'a quote that is not closed'; Old = '"city"'; New = '"city'; Message = '*quotation marks*' }
    ) {
        $text = [System.IO.File]::ReadAllText((Write-Table 'bad.csv' ',' '.'))
        [System.IO.File]::WriteAllText("$TestDrive/bad.csv", $text.Replace($Old, $New))
        { Import-RavelScore "$TestDrive/bad.csv" -ErrorAction Stop } |
            Should -Throw -ErrorId "ScoresInvalid,$command" -ExpectedMessage $Message
    }

    It 'refuses an empty table, and a file of something else' {
        [System.IO.File]::WriteAllText("$TestDrive/empty.csv", '')
        [System.IO.File]::WriteAllText("$TestDrive/other.json", '{ "a": 1 }')
        { Import-RavelScore "$TestDrive/empty.csv" -ErrorAction Stop } | Should -Throw -ErrorId "ScoresInvalid,$command"
        { Import-RavelScore "$TestDrive/other.json" -ErrorAction Stop } | Should -Throw -ErrorId "ScoresInvalid,$command"
    }

    It 'goes on with the next file after one that is missing' {
        $read = "$TestDrive/missing.json", "$TestDrive/run" | Import-RavelScore -ErrorAction SilentlyContinue -ErrorVariable problems
        $read | Should -HaveCount $scores.Count
        $problems | Should -HaveCount 1
    }
}
