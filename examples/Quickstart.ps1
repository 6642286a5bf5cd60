<#
.SYNOPSIS
The main job, end to end, on what the repository bundles.

.DESCRIPTION
Imports the bundled target model and its ready interpreter, intervenes in several people's words, builds cause and isolate examples for the
city domain, goes on training the interpreter on them, and scores it before and after: in words of the training, in words that no training
was shown, and about things that the domain doesn't have. Another target has no ready interpreter; one is trained for it from nothing.
Tables go to Out-Host one by one: in one stream only the first kind of object would be a table.

.EXAMPLE
dotnet run -c Release --project src/HyperDas.Shell -- examples/Quickstart.ps1

.EXAMPLE
Import-Module ./module/HyperDas; ./examples/Quickstart.ps1
#>
[CmdletBinding()]
param(
    # Where the interpreter, the picture and the scores go.
    [string] $OutputPath = (Join-Path $PSScriptRoot '../artifacts/quickstart'),
    # The target model's folder, with three blocks or more; one that knows the bundled facts, such as Start-HyperDasPretraining makes.
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

# What to start from: the interpreter that the repository brings for this target, or an untrained one.
if ([IO.Path]::TrimEndingDirectorySeparator($Target) -eq $bundled) {
    $start = Import-HyperDasModel -Model $model -Interpreter (Join-Path $PSScriptRoot 'models/mini-llama-interpreter')
    # Few steps at falling rates; most of the bases are shown at the entity alone, so that no template is learned by how it begins.
    $rate = @{ LearningRate = 3e-4; RotationLearningRate = 9e-4; DecayFrom = 0; SparsityStart = 0.15 }
    $training += @{ From = $start; TrainingOption = $rate + @{ EntityOnlyShare = 0.9; MaxSteps = 450; ValidateEvery = 75 } }

    # The concept is described in anyone's words; what is no concept of the domain changes nothing.
    'the country of a city', 'which state does this place belong to?', 'COUNTRY', 'the continent', 'what the weather is like' |
        ForEach-Object { Invoke-HyperDasIntervention -Interpreter $start @vienna -Concept $_ } |
        Format-Table Concept, OriginalOutput, IntervenedOutput | Out-Host
}

# Interchange examples from facts that the model knows. Test templates, and the words of the test rows, never occur in training.
$dataset = Import-RavelDataset -Path (Join-Path $PSScriptRoot 'data/ravel-mini') -Domain city | New-RavelDataset -Model $model -TrainCount 4000
$dataset | Out-Host
if (-not $start) {
    $training += @{ Layer = 3 }
    $start = (Start-HyperDasTraining -Model $model -Dataset $dataset -Layer 3 -Epochs 0).Interpreter
}
$result = Start-HyperDasTraining @training -Dataset $dataset -Force
$result

# One intervention: only the country changes hands. The picture shows which tokens of the one prompt went into which of the other.
$intervention = Invoke-HyperDasIntervention -Interpreter $result.Interpreter @vienna -Concept 'the country of a city'
$intervention
$intervention | Export-HyperDasHeatmap -Path (Join-Path $OutputPath 'heatmap.svg') -Force

# The benchmark, before and after.
$score = @{ Dataset = $dataset; SelectionMode = 'OneToOne' }
$before = Measure-RavelScore -Interpreter $start @score
$after = Measure-RavelScore -Interpreter $result.Interpreter @score -OutputPath (Join-Path $OutputPath 'scores.json') -Force
Compare-RavelScore -Before $before -After $after | Out-Host

# One page to keep: scores, losses, and the token selection to explore.
$result, $after, $intervention | Export-HyperDasReport -Path (Join-Path $OutputPath 'report.html') -Title 'HyperDAS on cities' -Force

# The two corners that every method has to beat: doing nothing, and swapping the whole vector.
'NoIntervention', 'FullSwap' | ForEach-Object { Measure-RavelScore -Model $model -Layer 3 -Reference $_ -Dataset $dataset } |
    Where-Object IsMean | Out-Host

"Written to ${OutputPath}: interpreter, heatmap.svg, scores.json, report.html."
Remove-HyperDasModel -Model $model
