<#
.SYNOPSIS
The main job, end to end, on what the repository bundles.

.DESCRIPTION
Imports a target model, builds cause and isolate examples for the city domain, trains HyperDAS, intervenes once, scores. Tables go to
Out-Host one by one: in one stream only the first kind of object would be a table.

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

$data = Join-Path $PSScriptRoot 'data/ravel-mini'
$Target = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Target)
$OutputPath = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($OutputPath)

# The frozen model, and interchange examples from facts that it knows. Test templates never occur in training.
$model = Import-HyperDasModel -LiteralPath $Target
$dataset = Import-RavelDataset -Path $data -Domain city | New-RavelDataset -Model $model
$dataset | Out-Host

# An untrained interpreter as the starting point, then a trained one, with the defaults of the command.
$training = @{ Model = $model; Dataset = $dataset; Layer = 3 }
$untrained = Start-HyperDasTraining @training -Epochs 0
$result = Start-HyperDasTraining @training -OutputPath (Join-Path $OutputPath 'interpreter') -Force
$result

# One intervention: only the country changes hands. The picture shows which tokens of the one prompt went into which of the other.
$intervention = Invoke-HyperDasIntervention -Interpreter $result.Interpreter -BasePrompt 'Vienna is in' -CounterfactualPrompt 'I love Paris' -Concept 'the country of a city'
$intervention
$intervention | Export-HyperDasHeatmap -Path (Join-Path $OutputPath 'heatmap.svg') -Force

# The benchmark, before and after.
$before = Measure-RavelScore -Interpreter $untrained.Interpreter -Dataset $dataset
$after = Measure-RavelScore -Interpreter $result.Interpreter -Dataset $dataset -OutputPath (Join-Path $OutputPath 'scores.json') -Force
Compare-RavelScore -Before $before -After $after | Out-Host

# One page to keep: scores, losses, and the token selection to explore.
$result, $after, $intervention | Export-HyperDasReport -Path (Join-Path $OutputPath 'report.html') -Title 'HyperDAS on cities' -Force

# The two corners that every method has to beat: doing nothing, and swapping the whole vector.
'NoIntervention', 'FullSwap' | ForEach-Object { Measure-RavelScore -Model $model -Layer 3 -Reference $_ -Dataset $dataset } | Where-Object IsMean | Out-Host

"Written to ${OutputPath}: interpreter, heatmap.svg, scores.json, report.html."
Remove-HyperDasModel -Model $model
