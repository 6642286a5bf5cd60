<#
.SYNOPSIS
Trains the ready interpreter, examples/models/mini-llama-interpreter, for the bundled target model.

.DESCRIPTION
Trains one interpreter for all five domains, with many descriptions, in two parts: first at constant learning rates, then from there at
falling rates. It resumes where it was stopped. After the last step it writes the interpreter in bfloat16 and scores the written interpreter
on test templates with trained, unseen and absent descriptions.

The training also writes the file for concept distances (concepts.safetensors). To create it again for the existing
weights: $ready | Export-HyperDasInterpreter $OutputPath -Dtype BFloat16 -Dataset $dataset -Force, with $ready and $dataset as below.

.EXAMPLE
dotnet run -c Release --project src/HyperDas.Shell -- examples/Train-ReadyInterpreter.ps1 -Force

.EXAMPLE
Import-Module ./module/HyperDas; ./examples/Train-ReadyInterpreter.ps1 -Force
#>
[CmdletBinding()]
param(
    # Folder of the interpreter.
    [string] $OutputPath = (Join-Path $PSScriptRoot 'models/mini-llama-interpreter'),

    # Folder for the training's state, metrics and scores.
    [string] $StatePath = (Join-Path $PSScriptRoot '../artifacts/ready-interpreter'),

    # Folder of the target model.
    [string] $Target = (Join-Path $PSScriptRoot 'models/mini-llama'),

    # Steps of the first part.
    [int] $Steps = 11700,

    # Passes of the second part.
    [int] $Epochs = 2,

    # Pairs of each attribute per pass; each pass draws new ones.
    [int] $Pairs = 4000,

    # Seed of pairs, descriptions, initial values and order.
    [long] $Seed = 1,

    # Replaces an existing interpreter.
    [switch] $Force
)
$ErrorActionPreference = 'Stop'
$StatePath = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($StatePath)
$OutputPath = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($OutputPath)
if (-not $Force -and (Test-Path -LiteralPath "$OutputPath/interpreter.json")) {
    throw "'$OutputPath' contains an interpreter; -Force replaces it."
}

$model = Import-HyperDasModel -Path $Target
# Otherwise test descriptions with other domains' words and everyday introductory phrases fail (docs/trials.md).
$words = @{ AbsentShare = 0.4; OtherDomainShare = 0.35; Seed = $Seed }
$count = @{ TrainCount = $Pairs; ValCount = [Math]::Min(60, $Pairs); TestCount = [Math]::Min(100, $Pairs) }
$dataset = Import-RavelDataset -Path (Join-Path $PSScriptRoot 'data/ravel-mini') | New-RavelDataset -Model $model @words @count

# For half of the bases only the entity is shown, so no attribute is recognised by the beginnings of its templates.
$first = @{ Layer = 3; Epochs = 100; MaxSteps = $Steps; Seed = $Seed; StatePath = "$StatePath/first"; OutputPath = "$StatePath/begun" }
$option = @{ EntityOnlyShare = 0.5; DecayFrom = 1; SparsityEnd = 0.15; KeepBest = $false; ValidateEvery = 1050 }
$begun = Start-HyperDasTraining -Model $model -Dataset $dataset @first -TrainingOption $option -Force
$begun
Remove-HyperDasModel -Interpreter $begun.Interpreter

$second = @{ Epochs = $Epochs; Seed = $Seed + 1; StatePath = "$StatePath/second"; MetricsPath = "$StatePath/metrics.jsonl" }
$rate = @{ LearningRate = 5e-4; RotationLearningRate = 1.4e-3; DecayFrom = 0 }
$option = $rate + @{ EntityOnlyShare = 0.5; SparsityStart = 0.15; ValidateEvery = 525 }
$result = Start-HyperDasTraining -Model $model -Dataset $dataset -From "$StatePath/begun" @second -TrainingOption $option -Force
$result

$result | Export-HyperDasInterpreter -Path $OutputPath -Dtype BFloat16 -Force
$ready = Import-HyperDasModel -Interpreter $OutputPath -Model $model
$scores = Measure-RavelScore -Interpreter $ready -Dataset $dataset -SelectionMode OneToOne -OutputPath "$StatePath/scores.json" -Force
$scores | Where-Object IsMean | Out-Host
$ready, $model | Remove-HyperDasModel
