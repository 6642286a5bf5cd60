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
