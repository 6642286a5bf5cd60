# Made the other files of this folder, with the program of commit e2b0052: hyperdas New-KeptFiles.ps1. Later versions must go on opening
# them, so nobody runs this again.
param([string] $Path = $PSScriptRoot)
. "$PSScriptRoot/../../../Pester/common.ps1"
$ErrorActionPreference = 'Stop'

$model = Import-HyperDasModel $toyPath
$dataset = New-ToyDataset
$dataset | Export-RavelDataset "$Path/dataset.jsonl"

# An interpreter of each method, and what it proposes.
$lines = foreach ($method in 'HyperDas', 'Mdas', 'Das', 'Dbm', 'Pca', 'Sae', 'Rlap') {
    $options = @{ Layer = 2; Method = $method }
    if ($method -eq 'HyperDas') { $options += @{ FeatureDimension = 8; Blocks = 1; Epochs = 2; BatchSize = 4; NetworkOption = @{ Layer = 2; EndBias = $true } } }
    if ($method -in 'Mdas', 'Das') { $options += @{ FeatureDimension = 8; Epochs = 2; BatchSize = 4 } }
    if ($method -eq 'Dbm') { $options += @{ Epochs = 2; BatchSize = 4 } }
    if ($method -eq 'Rlap') { $options += @{ FeatureDimension = 4; MethodOption = @{ Steps = 5 } } }
    if ($method -eq 'Sae') { $options += @{ Epochs = 2; MethodOption = @{ LatentMultiple = 1 } } }
    $result = Start-HyperDasTraining $model $dataset @options -OutputPath "$Path/interpreters/$method"
    $entities = if ($method -eq 'HyperDas') { @{} } else { @{ BaseEntity = 'Vienna'; CounterfactualEntity = 'Paris' } }
    $answer = Invoke-HyperDasIntervention $result.Interpreter 'Vienna is in' 'I love Paris' 'the country of a city' @entities
    $weights = foreach ($row in $answer.Weights) { foreach ($one in $row) { $one.ToString('R', [cultureinfo]::InvariantCulture) } }
    $text = [System.Convert]::ToBase64String([System.Text.Encoding]::UTF8.GetBytes($answer.IntervenedOutput))
    "$method`t$text`t$($weights -join ' ')"
}
[System.IO.File]::WriteAllLines("$Path/answers.txt", [string[]] $lines)

# Trainings that were stopped on the way.
function Stop-OnTheWay($Job, [string] $State) {
    while (-not ([System.IO.Directory]::Exists($State) -and [System.IO.Directory]::GetFiles($State).Length -gt 1)) { [System.Threading.Thread]::Sleep(20) }
    [System.Threading.Thread]::Sleep(2500)
    $Job | Stop-Job
    "$State $($Job.State)"
}
$common = @{ Layer = 2; BatchSize = 2; Epochs = 2000; CheckpointInterval = 1; AsJob = $true }
Stop-OnTheWay (Start-HyperDasTraining $model $dataset @common -FeatureDimension 8 -Blocks 1 -Reflections 4 -StatePath "$Path/states/HyperDas") "$Path/states/HyperDas"
Stop-OnTheWay (Start-HyperDasTraining $model $dataset @common -FeatureDimension 8 -Method Mdas -StatePath "$Path/states/Mdas") "$Path/states/Mdas"

. "$PSScriptRoot/KeptDomain.ps1"
$tiny = @{ HiddenSize = 16; BlockCount = 2; VocabularySize = 300; Tokens = 300000; LearningRate = 1e-2 }
$option = @{ HeadCount = 2; KeyValueHeadCount = 1; InnerSize = 24; ReadingLayer = 1; BatchTokens = 512 }
Stop-OnTheWay ($keptDomain | Start-HyperDasPretraining "$Path/pretrained" @tiny -PretrainingOption $option -StatePath "$Path/states/Pretraining" -CheckpointInterval 1 -AsJob) "$Path/states/Pretraining"

# An experiment: its document and the folder of its run.
[System.IO.File]::WriteAllText("$Path/experiment.yaml", (@(
            'target: { path: ../../toy }'
            'data: { path: dataset.jsonl }'
            'method: { layer: 2, featureDimension: 8, blocks: 1, reflections: 4 }'
            'training: { epochs: 1, batchSize: 4, learningRate: 1e-3 }'
            'evaluation: { bootstrapSamples: 0 }'
            'outputs: { path: runs, report: false }'
            'sweep: { seed: [1, 2] }') -join "`n") + "`n")
$null = Invoke-HyperDasExperiment "$Path/experiment.yaml"
