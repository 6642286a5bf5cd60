<#
.SYNOPSIS
Makes the ready interpreter, examples/models/mini-llama-interpreter, for the bundled target model.

.DESCRIPTION
One interpreter for all five domains, in many people's words. It goes on where it was stopped, and after the last step it writes the interpreter in
bfloat16 and scores what it has written on test templates: trained words, words that no training was shown, and things that a domain doesn't have.

.EXAMPLE
dotnet run -c Release --project src/HyperDas.Shell -- examples/Train-ReadyInterpreter.ps1 -Force

.EXAMPLE
Import-Module ./module/HyperDas; ./examples/Train-ReadyInterpreter.ps1 -Force
#>
[CmdletBinding()]
param(
    # Folder of the interpreter.
    [string] $OutputPath = (Join-Path $PSScriptRoot 'models/mini-llama-interpreter'),

    # Folder in which the training is kept, with its metrics and scores.
    [string] $StatePath = (Join-Path $PSScriptRoot '../artifacts/ready-interpreter'),

    # Folder of the target model.
    [string] $Target = (Join-Path $PSScriptRoot 'models/mini-llama'),

    # Passes over 4,000 pairs of each attribute, which are drawn anew for each.
    [int] $Epochs = 8,

    # Seed of pairs, words, starts and order.
    [long] $Seed = 1,

    # Replaces the interpreter that is there.
    [switch] $Force
)
$ErrorActionPreference = 'Stop'
$StatePath = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($StatePath)
$OutputPath = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($OutputPath)
if (-not $Force -and (Test-Path -LiteralPath "$OutputPath/interpreter.json")) { throw "'$OutputPath' holds an interpreter; -Force replaces it." }

$model = Import-HyperDasModel -Path $Target
$words = @{ InstructionStyle = 'Descriptions'; AbsentShare = 0.2; TrainCount = 4000; ValCount = 60; TestCount = 100; Seed = $Seed }
$dataset = Import-RavelDataset -Path (Join-Path $PSScriptRoot 'data/ravel-mini') | New-RavelDataset -Model $model @words

# Half of the bases are shown at the entity alone, so that no attribute is recognised by how its templates begin.
$training = @{ Layer = 3; Epochs = $Epochs; Seed = $Seed; TrainingOption = @{ EntityOnlyShare = 0.5 } }
$result = Start-HyperDasTraining -Model $model -Dataset $dataset @training -StatePath "$StatePath/state" -MetricsPath "$StatePath/metrics.jsonl" -Force
$result

$result | Export-HyperDasInterpreter -Path $OutputPath -Dtype BFloat16 -Force
$ready = Import-HyperDasModel -Interpreter $OutputPath -Model $model
Measure-RavelScore -Interpreter $ready -Dataset $dataset -SelectionMode OneToOne -OutputPath "$StatePath/scores.json" -Force | Where-Object IsMean | Out-Host
$ready, $model | Remove-HyperDasModel
