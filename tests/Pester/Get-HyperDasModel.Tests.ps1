Describe 'Get-HyperDasModel' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $command = 'HyperDas.Commands.GetHyperDasModelCommand'
        $model = Import-HyperDasModel $toyPath
        $interpreter = (New-ToyTraining $model (New-ToyDataset)).Interpreter
        function Find-Handle($Handle) { Get-HyperDasModel | Where-Object { [object]::ReferenceEquals($_.Handle, $Handle) } }
    }
    AfterAll { $interpreter, $model | Remove-HyperDasModel }

    It 'lists models and interpreters with memory, age and users' {
        $open = Find-Handle $model
        $open | Should -BeOfType HyperDas.OpenHandle
        $open.Name, $open.Kind, $open.Device | Should -Be 'toy', 'Model', 'cpu'
        $open.Memory | Should -Be ($model.ParameterCount * 4)
        $open.Age.TotalSeconds | Should -BeGreaterThan 0
        $open.Users | Should -Be "$interpreter"
        $trained = Find-Handle $interpreter
        $trained.Name, $trained.Kind, $trained.Memory |
            Should -Be 'HyperDas at layer 2 of toy', 'Interpreter', ($interpreter.ParameterCount * 4)
    }

    It 'counts a model in 16 bits as such' {
        $small = Import-HyperDasModel $toyPath -Dtype BFloat16
        (Find-Handle $small).Memory | Should -Be ($small.ParameterCount * 2)
        $small | Remove-HyperDasModel
    }

    It 'knows the job that works on a model, also when the model was given up' {
        $own = Import-HyperDasModel $toyPath
        $job = Start-HyperDasTraining $own (New-ToyDataset) -Layer 2 -FeatureDimension 8 -Blocks 1 -Epochs 100000 -BatchSize 4 -AsJob
        (Find-Handle $own).Users | Should -Contain 'Start-HyperDasTraining (job)'
        $job | Stop-Job
        $job | Remove-Job
        (Find-Handle $own).Users | Should -BeNullOrEmpty
        $own | Remove-HyperDasModel
        Find-Handle $own | Should -BeNullOrEmpty
    }

    It 'finds by name and by pattern, and refuses a name that nothing has' {
        (Get-HyperDasModel TOY).Name | Should -Contain 'toy'
        (Get-HyperDasModel 'HyperDas at*').Kind | Should -Contain 'Interpreter'
        'nothing*' | Get-HyperDasModel | Should -BeNullOrEmpty
        { Get-HyperDasModel nothing -ErrorAction Stop } | Should -Throw -ErrorId "ModelNotFound,$command"
    }

    It 'gives what commands take, and completes names' {
        Measure-RavelScore (Find-Handle $interpreter) (New-ToyDataset) | Should -HaveCount 2
        $completion = [System.Management.Automation.CommandCompletion]::CompleteInput('Get-HyperDasModel to', 20, $null)
        $completion.CompletionMatches.CompletionText | Should -Contain "'toy'"
    }
}
