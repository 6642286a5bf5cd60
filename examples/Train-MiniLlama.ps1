# Trains the bundled target model, examples/models/mini-llama, from the bundled benchmark: about ten minutes on two cores.
# The same seed gives the same model on the same machine; the defaults of Start-HyperDasPretraining are this model's settings.
#
#   dotnet run -c Release --project src/HyperDas.Shell -- examples/Train-MiniLlama.ps1
#   pwsh> Import-Module ./module/HyperDas; ./examples/Train-MiniLlama.ps1
[CmdletBinding()]
param(
    # Hugging Face folder to write; a model that is there already is replaced.
    [string] $OutputPath = [System.IO.Path]::Combine($PSScriptRoot, 'models', 'mini-llama'),

    # Seed of everything random.
    [long] $Seed = 1
)
$ErrorActionPreference = 'Stop'

$data = [System.IO.Path]::Combine($PSScriptRoot, 'data', 'ravel-mini')
$result = Import-RavelDataset -Path $data | Start-HyperDasPretraining -OutputPath $OutputPath -Seed $Seed
$result

# How many facts the saved model answers, in trained templates and in ones that it never saw.
$result.Accuracy
