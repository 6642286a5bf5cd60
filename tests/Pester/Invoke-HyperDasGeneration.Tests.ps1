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

    It 'goes on with the next prompt after an empty one' {
        $answers = 'Oslo', '', 'Paris' | Invoke-HyperDasGeneration $model -ErrorAction SilentlyContinue -ErrorVariable problems
        $answers.Prompt | Should -Be 'Oslo', 'Paris'
        $problems | Should -HaveCount 1
        $problems[0].FullyQualifiedErrorId | Should -BeExactly "PromptEmpty,$command"
    }

    It 'refuses a model that was released' {
        $released = Import-HyperDasModel $toyPath
        $released | Remove-HyperDasModel
        { Invoke-HyperDasGeneration $released 'x' -ErrorAction Stop } | Should -Throw -ErrorId "ModelDisposed,$command"
    }

    It 'refuses fewer than one token at binding time' {
        { Invoke-HyperDasGeneration $model 'x' -MaxNewTokens 0 } | Should -Throw -ErrorId "ParameterArgumentValidationError,$command"
    }

    It 'names a tokenizer that is missing' {
        $folder = New-ToyFolder $TestDrive
        $bare = Import-HyperDasModel -LiteralPath $folder
        [System.IO.File]::Delete("$folder/tokenizer.json")
        { Invoke-HyperDasGeneration $bare 'x' -ErrorAction Stop } | Should -Throw -ErrorId "PathNotFound,$command"
    }
}
