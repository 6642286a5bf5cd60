# Trains several methods on one domain with the same examples and compares them: one row each, best last.
#
#   dotnet run -c Release --project src/HyperDas.Shell -- examples/Compare-Methods.ps1
#   pwsh> Import-Module ./module/HyperDas; ./examples/Compare-Methods.ps1 -Domain verb
[CmdletBinding()]
param(
    [string] $Domain = 'city',

    [HyperDas.InterpreterMethod[]] $Method = ('Mdas', 'HyperDas'),

    [int] $Layer = 3,

    # Ends every training early; for trying the script.
    [Nullable[int]] $MaxSteps,

    # Where the picture goes; empty for none.
    [string] $PlotPath = ''
)
$ErrorActionPreference = 'Stop'
$model = Import-HyperDasModel (Join-Path $PSScriptRoot 'models' 'mini-llama')
$dataset = Import-RavelDataset (Join-Path $PSScriptRoot 'data' 'ravel-mini') -Domain $Domain | New-RavelDataset -Model $model

$scores = foreach ($one in $Method) {
    $steps = @{}
    if ($null -ne $MaxSteps) { $steps.MaxSteps = $MaxSteps }
    $result = Start-HyperDasTraining $model $dataset -Layer $Layer -Method $one @steps
    $result | Measure-RavelScore -Dataset $dataset
    $result.Interpreter | Remove-HyperDasModel
}
if ($PlotPath) { $scores | Export-HyperDasPlot -Path $PlotPath -Force }
$scores | Where-Object Attribute -EQ '(all)' | Select-Object Method, Cause, Isolate, Disentangle
$model | Remove-HyperDasModel
