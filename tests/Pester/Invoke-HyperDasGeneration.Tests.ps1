Describe 'Invoke-HyperDasGeneration' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $command = 'HyperDas.Commands.InvokeHyperDasGenerationCommand'
        $model = Import-HyperDasModel $toyPath
    }
    AfterAll { $model | Remove-HyperDasModel }

    It 'continues a prompt by as many tokens as asked for' {
        $result = Invoke-HyperDasGeneration $model 'Vienna is in' -MaxNewTokens 5
        $result | Should -BeOfType HyperDas.GenerationResult
        $result.Prompt | Should -BeExactly 'Vienna is in'
        $result.TokenCount | Should -BeLessOrEqual 5
    }

    It 'answers prompts in their order, whatever the batch size' {
        $prompts = 'a', 'a longer prompt', 'bb', 'another prompt', 'c'
        $one = $prompts | Invoke-HyperDasGeneration $model -BatchSize 2
        $one.Prompt | Should -Be $prompts
        $one.Output | Should -Be ($prompts | Invoke-HyperDasGeneration $model).Output
    }

    It 'samples the same text from the same seed' {
        $first, $second, $other = 1, 1, 2 | ForEach-Object { (Invoke-HyperDasGeneration $model 'Paris' -Temperature 1 -Seed $_).Output }
        $second | Should -BeExactly $first
        $other | Should -Not -BeExactly $first
    }

    It 'takes prompts by property name' {
        ([pscustomobject]@{ Prompt = 'Oslo' } | Invoke-HyperDasGeneration $model).Prompt | Should -BeExactly 'Oslo'
    }

    It 'takes numbers and lists of texts, and no record''s text for a prompt' {
        (1..2 | Invoke-HyperDasGeneration $model -MaxNewTokens 1).Prompt | Should -Be '1', '2'
        (, ('a', 'b') | Invoke-HyperDasGeneration $model -MaxNewTokens 1).Prompt | Should -Be 'a', 'b'
        $answers = [pscustomobject]@{ Prompt = 'Oslo' }, [pscustomobject]@{ Text = 'Bonn' }, (New-ToyDataset).Test[0],
            [pscustomobject]@{ Prompt = '' }, [pscustomobject]@{ Prompt = $null } |
            Invoke-HyperDasGeneration $model -MaxNewTokens 1 -ErrorAction SilentlyContinue -ErrorVariable problems
        $answers.Prompt | Should -Be 'Oslo'
        $ids = 'RowIncomplete', 'RowIncomplete', 'PromptEmpty', 'RowIncomplete'
        $problems.FullyQualifiedErrorId | Should -Be ($ids | ForEach-Object { "$_,$command" })
        $problems[0].Exception.Message | Should -BeLike 'Row 2 of the input: There is no Prompt.*Its columns: Text.'
        $problems[1].Exception.Message | Should -BeLike 'Row 3 *'
        $problems[2].Exception.Message | Should -BeLike 'Row 4 *'
        $problems[3].Exception.Message | Should -BeLike 'Row 5 *'
    }

    It 'trims the new text as an intervention does, and keeps the whole letter by letter' {
        $answer = Invoke-HyperDasGeneration $model 'Vienna is in' -MaxNewTokens 8
        $answer.Output | Should -BeExactly $answer.Output.Trim()
        $answer.Text.StartsWith('Vienna is in') | Should -BeTrue
        $answer.Text.Substring(12).Trim() | Should -BeExactly $answer.Output
        "$answer" | Should -BeExactly $answer.Text
    }

    It 'takes <Case> for the model' -ForEach @(
        @{ Case = 'a path'; Given = { $toyPath } }, @{ Case = 'a pattern of one folder'; Given = { "$repository/tests/Fixtures/to[y]" } }
        @{ Case = 'a folder'; Given = { [System.IO.DirectoryInfo] $toyPath } },
            @{ Case = 'an entry of the list'; Given = { @(Get-HyperDasModel toy)[0] } }
    ) {
        (Invoke-HyperDasGeneration (& $Given) 'Paris' -MaxNewTokens 3).Output |
            Should -BeExactly (Invoke-HyperDasGeneration $model 'Paris' -MaxNewTokens 3).Output
    }

    It 'releases a model that it loaded' {
        $before = @(Get-HyperDasModel).Count
        $null = 'a', 'b' | Invoke-HyperDasGeneration $toyPath -BatchSize 1 -MaxNewTokens 1
        @(Get-HyperDasModel) | Should -HaveCount $before
    }

    It 'says which one of several folders it needs, or that there is none' {
        { Invoke-HyperDasGeneration "$repository/tests/Fixtures/*" 'x' -ErrorAction Stop } | Should -Throw -ErrorId "PathAmbiguous,$command"
        { Invoke-HyperDasGeneration "$TestDrive/missing" 'x' -ErrorAction Stop } | Should -Throw -ErrorId "PathNotFound,$command"
        { Invoke-HyperDasGeneration 5 'x' -ErrorAction Stop } | Should -Throw -ErrorId "ParameterArgumentTransformationError,$command"
    }

    It 'goes on with the next prompt after an empty one' {
        $answers = 'Oslo', '', 'Paris' | Invoke-HyperDasGeneration $model -ErrorAction SilentlyContinue -ErrorVariable problems
        $answers.Prompt | Should -Be 'Oslo', 'Paris'
        $problems | Should -HaveCount 1
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "PromptEmpty,$command"
        $problems[0].Exception.Message | Should -BeLike 'Row 2 of the input: *'
    }

    It 'refuses a model that was released' {
        $released = Import-HyperDasModel $toyPath
        $released | Remove-HyperDasModel
        { Invoke-HyperDasGeneration $released 'x' -ErrorAction Stop } | Should -Throw -ErrorId "ModelDisposed,$command"
    }

    It 'refuses fewer than one token before any row is read' {
        { 'x', 'y' | Invoke-HyperDasGeneration $model -MaxNewTokens 0 } |
            Should -Throw 'MaxNewTokens is 0;*' -ErrorId "GenerationOptionInvalid,$command"
    }

    It 'names a tokenizer that is missing' {
        $folder = New-ToyFolder $TestDrive
        [System.IO.File]::Delete("$folder/tokenizer.json")
        $bare = Import-HyperDasModel -LiteralPath $folder -WarningAction SilentlyContinue
        { Invoke-HyperDasGeneration $bare 'x' -ErrorAction Stop } | Should -Throw -ErrorId "PathNotFound,$command"
    }
}
