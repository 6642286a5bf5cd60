# hyperdas tests/Fixtures/kept/Start-KeptTraining.ps1 -Path FOLDER: a training on the toy model that goes on where it was stopped or
# killed. Tests kill it and compare what it leaves in the folder.
param([string] $Path, [int] $Epochs = 30, [int] $CheckpointInterval = 1)
. "$PSScriptRoot/../../Pester/common.ps1"

$model = Import-HyperDasModel $toyPath
$dataset = New-ToyDataset
$options = @{ Layer = 2; FeatureDimension = 8; Reflections = 4; Blocks = 1; BatchSize = 2; Epochs = $Epochs }
# Symmetric: the order of source and base is drawn by chance in every step.
$result = Start-HyperDasTraining $model $dataset @options -NetworkOption @{ Layer = 2; Symmetric = $true } `
    -OutputPath $Path -StatePath "$Path/state" -CheckpointInterval $CheckpointInterval -ErrorAction Stop
$scores = Measure-RavelScore $result.Interpreter $dataset | ForEach-Object { "$($_.Attribute) $($_.Cause.ToString('R')) $($_.Isolate.ToString('R'))" }
[System.IO.File]::WriteAllLines("$Path/scores.txt", [string[]] $scores)
