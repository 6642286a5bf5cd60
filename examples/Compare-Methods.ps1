<#
.SYNOPSIS
Trains several methods on one domain with the same examples and compares them, with one row for each.

.DESCRIPTION
If the training of a method fails, the script writes an error and continues with the next.

.EXAMPLE
dotnet run -c Release --project src/HyperDas.Shell -- examples/Compare-Methods.ps1

.EXAMPLE
Import-Module ./module/HyperDas; ./examples/Compare-Methods.ps1 -Domain verb
#>
[CmdletBinding()]
param(
    # Domain of the benchmark.
    [string] $Domain = 'city',

    # Methods, as in Start-HyperDasTraining -Method.
    [string[]] $Method = ('Mdas', 'HyperDas'),

    # Intervention layer.
    [int] $Layer = 3,

    # Ends every training early; for testing the script.
    [Nullable[int]] $MaxSteps,

    # File for the picture; empty for none.
    [string] $PlotPath = ''
)
$ErrorActionPreference = 'Stop'
$model = Import-HyperDasModel (Join-Path $PSScriptRoot 'models/mini-llama')
$dataset = Import-RavelDataset (Join-Path $PSScriptRoot 'data/ravel-mini') -Domain $Domain | New-RavelDataset -Model $model

$scores = foreach ($one in $Method) {
    $steps = @{}
    if ($null -ne $MaxSteps) { $steps.MaxSteps = $MaxSteps }
    try {
        $result = Start-HyperDasTraining $model $dataset -Layer $Layer -Method $one @steps
        $result | Measure-RavelScore -Dataset $dataset
        $result | Remove-HyperDasModel
    }
    catch {
        $failed = $_
        & { $ErrorActionPreference = 'Continue'; $PSCmdlet.WriteError($failed) }
    }
}
# HyperDAS is scored in other words and on absent concepts too, which the other methods don't read.
$scores = $scores | Where-Object Wording -EQ Trained
if ($PlotPath) { $scores | Export-HyperDasPlot -Path $PlotPath -Force }
$scores | Where-Object IsMean | Select-Object Method, Cause, Isolate, Disentangle
$model | Remove-HyperDasModel
