<#
.SYNOPSIS
Runs the main task end to end on the bundled data.

.DESCRIPTION
Imports the bundled target model and its ready interpreter, intervenes with concepts worded by several people, builds cause and isolate
examples for the city domain, continues the interpreter's training on them, and scores it before and after: with trained, unseen and absent
descriptions. Another target has no ready interpreter, so one is trained for it from scratch.
Tables go to Out-Host separately, because in one stream only the first kind of object would be formatted as a table.

.EXAMPLE
dotnet run -c Release --project src/HyperDas.Shell -- examples/Quickstart.ps1

.EXAMPLE
Import-Module ./module/HyperDas; ./examples/Quickstart.ps1
#>
[CmdletBinding()]
param(
    # Folder for the interpreter, the picture and the scores.
    [string] $OutputPath = (Join-Path $PSScriptRoot '../artifacts/quickstart'),
    # The target model's folder. It needs at least three blocks and must know the bundled facts, like models from Start-HyperDasPretraining.
    [string] $Target = (Join-Path $PSScriptRoot 'models/mini-llama')
)
$ErrorActionPreference = 'Stop'

$bundled = $PSCmdlet.GetUnresolvedProviderPathFromPSPath((Join-Path $PSScriptRoot 'models/mini-llama'))
$Target = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Target)
$OutputPath = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($OutputPath)

# The frozen model.
$model = Import-HyperDasModel -LiteralPath $Target
$training = @{ Model = $model; OutputPath = Join-Path $OutputPath 'interpreter' }

$vienna = @{ BasePrompt = 'Vienna is in'; CounterfactualPrompt = 'I love Paris' }

# The initial interpreter: the ready one in the repository for this target, or an untrained one.
if ([IO.Path]::TrimEndingDirectorySeparator($Target) -eq $bundled) {
    $start = Import-HyperDasModel -Model $model -Interpreter (Join-Path $PSScriptRoot 'models/mini-llama-interpreter')
    # Few steps at falling rates; for most examples only the entity of the base is shown, so templates aren't memorised by their beginnings.
    $rate = @{ LearningRate = 3e-4; RotationLearningRate = 9e-4; DecayFrom = 0; SparsityStart = 0.15 }
    $training += @{ From = $start; TrainingOption = $rate + @{ EntityOnlyShare = 0.9; MaxSteps = 450; ValidateEvery = 75 } }

    # Concepts can be described in any words; descriptions of absent concepts should change nothing.
    'the country of a city', 'which state does this place belong to?', 'COUNTRY', 'the continent', 'what the weather is like' |
        ForEach-Object { Invoke-HyperDasIntervention -Interpreter $start @vienna -Concept $_ } |
        Format-Table Concept, OriginalOutput, IntervenedOutput | Out-Host
}

# Interchange examples from facts that the model knows. Test templates and descriptions never occur in training.
$dataset = Import-RavelDataset -Path (Join-Path $PSScriptRoot 'data/ravel-mini') -Domain city |
    New-RavelDataset -Model $model -TrainCount 4000
$dataset | Out-Host
if (-not $start) {
    "'$Target' has no ready interpreter: one is trained from scratch, which takes longer, and the scores 'before' are those of random weights." | Out-Host
    $training += @{ Layer = 3 }
    $start = (Start-HyperDasTraining -Model $model -Dataset $dataset -Layer 3 -Epochs 0).Interpreter
}
$result = Start-HyperDasTraining @training -Dataset $dataset -Force
$result

# One intervention: only the country changes. The picture shows which source tokens replaced which base tokens.
$intervention = Invoke-HyperDasIntervention -Interpreter $result.Interpreter @vienna -Concept 'the country of a city'
$intervention
$intervention | Export-HyperDasHeatmap -Path (Join-Path $OutputPath 'heatmap.svg') -Force

# The benchmark, before and after.
$score = @{ Dataset = $dataset; SelectionMode = 'OneToOne' }
$before = Measure-RavelScore -Interpreter $start @score
$after = Measure-RavelScore -Interpreter $result.Interpreter @score -OutputPath (Join-Path $OutputPath 'scores.json') -Force
Compare-RavelScore -Before $before -After $after | Out-Host

# One report: scores, losses, and an explorable token selection.
$result, $after, $intervention | Export-HyperDasReport -Path (Join-Path $OutputPath 'report.html') -Title 'HyperDAS on cities' -Force

# The two references that every method has to beat: no intervention, and swapping the whole vector.
'NoIntervention', 'FullSwap' | ForEach-Object { Measure-RavelScore -Model $model -Layer 3 -Reference $_ -Dataset $dataset } |
    Where-Object IsMean | Out-Host

"Written to ${OutputPath}: interpreter, heatmap.svg, scores.json, report.html."
Remove-HyperDasModel -Model $model
