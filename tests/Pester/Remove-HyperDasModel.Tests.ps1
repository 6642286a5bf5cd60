Describe 'Remove-HyperDasModel' {
    BeforeAll { . "$PSScriptRoot/common.ps1" }

    It 'releases every model that comes through the pipeline' {
        $models = $toyPath, $toyPath | Import-HyperDasModel
        $models | Remove-HyperDasModel
        $models.IsDisposed | Should -Be $true, $true
    }

    It 'releases an interpreter and leaves its model alone' {
        $model = Import-HyperDasModel $toyPath
        $interpreter = (New-ToyTraining $model (New-ToyDataset)).Interpreter
        $interpreter | Remove-HyperDasModel | Should -BeNullOrEmpty
        $interpreter.IsDisposed, $model.IsDisposed | Should -Be $true, $false
        Remove-HyperDasModel -Model $model
    }

    It 'takes results of trainings, several at once, by position and under its old names' {
        $model, $other = $toyPath, $toyPath | Import-HyperDasModel
        $first, $second = 1, 2 | ForEach-Object { New-ToyTraining $model (New-ToyDataset) }
        $first | Remove-HyperDasModel
        $first.Interpreter.IsDisposed, $model.IsDisposed | Should -Be $true, $false
        Remove-HyperDasModel -Interpreter $second.Interpreter
        Remove-HyperDasModel $first, $other
        Remove-HyperDasModel -Model $model
        $second.Interpreter.IsDisposed, $other.IsDisposed, $model.IsDisposed | Should -Be $true, $true, $true
    }

    It 'says what it needs instead of a name' {
        { Remove-HyperDasModel 'toy' } |
            Should -Throw -ErrorId 'ParameterArgumentTransformationError,HyperDas.Commands.RemoveHyperDasModelCommand' `
            -ExpectedMessage '*Get-HyperDasModel*'
    }

    It 'releases nothing under -WhatIf' {
        $model = Import-HyperDasModel $toyPath
        $model | Remove-HyperDasModel -WhatIf
        $model.IsDisposed | Should -BeFalse
    }

    It 'may be called twice' {
        $model = Import-HyperDasModel $toyPath
        { $model, $model | Remove-HyperDasModel -ErrorAction Stop } | Should -Not -Throw
    }
}
