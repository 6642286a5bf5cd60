<#
.SYNOPSIS
Trains the bundled target model, examples/models/mini-llama, from the bundled benchmark.

.DESCRIPTION
Uses all five domains, seed 1 and the command's defaults.

.EXAMPLE
dotnet run -c Release --project src/HyperDas.Shell -- examples/Train-MiniLlama.ps1 -Force

.EXAMPLE
Import-Module ./module/HyperDas; ./examples/Train-MiniLlama.ps1 -Force
#>
[CmdletBinding()]
param(
    # Folder of the model.
    [string] $OutputPath = (Join-Path $PSScriptRoot 'models/mini-llama'),

    # Domains to learn; by default all five.
    [string[]] $Domain = @(),

    # Tokens to train on; by default as many as for the bundled model.
    [long] $Tokens,

    # Replaces an existing model.
    [switch] $Force
)
$ErrorActionPreference = 'Stop'

$source = @{ Path = Join-Path $PSScriptRoot 'data/ravel-mini' }
if ($Domain) { $source.Domain = $Domain }
$option = @{}
if ($PSBoundParameters.ContainsKey('Tokens')) { $option.Tokens = $Tokens }

$result = Import-RavelDataset @source | Start-HyperDasPretraining -OutputPath $OutputPath -Force:$Force @option
$result
$result.Accuracy | Out-Host
