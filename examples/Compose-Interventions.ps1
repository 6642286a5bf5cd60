<#
.SYNOPSIS
Makes several interventions with one interpreter in one pipeline.

.DESCRIPTION
Rows can come from any source with these property names, including a CSV file.

.EXAMPLE
dotnet run -c Release --project src/HyperDas.Shell -- examples/Compose-Interventions.ps1 -Interpreter artifacts/quickstart/interpreter

.EXAMPLE
Import-Csv pairs.csv | ./examples/Compose-Interventions.ps1 -Interpreter artifacts/quickstart/interpreter | Export-Csv answers.csv
#>
[CmdletBinding()]
param(
    # Folder of a trained interpreter, e.g. the one from Quickstart.ps1.
    [Parameter(Mandatory)] [string] $Interpreter,

    # Rows with BasePrompt, CounterfactualPrompt and Concept.
    [Parameter(ValueFromPipeline)] [psobject[]] $InputObject,

    # How selection weights are turned into a patch, as in Invoke-HyperDasIntervention -SelectionMode.
    [string] $SelectionMode = 'OneToOne'
)
begin {
    $ErrorActionPreference = 'Stop'
    $model = Import-HyperDasModel (Join-Path $PSScriptRoot 'models/mini-llama')
    $trained = Import-HyperDasModel -Interpreter $Interpreter -Model $model
    $rows = [System.Collections.Generic.List[psobject]]::new()
}
process { foreach ($row in $InputObject) { $rows.Add($row) } }
end {
    if ($rows.Count -eq 0) {
        # The concept on one axis, the question on the other: only where they agree should the answer change.
        foreach ($question in 'Vienna is in', 'People who live in Vienna speak the language') {
            foreach ($attribute in 'country', 'language') {
                $rows.Add([pscustomobject]@{ BasePrompt = $question; CounterfactualPrompt = 'I love Paris';
                    Concept = "the $attribute of a city" })
            }
        }
    }
    $rows | Invoke-HyperDasIntervention $trained -SelectionMode $SelectionMode |
        Select-Object BasePrompt, Concept, @{ Name = 'Before'; Expression = 'OriginalOutput' },
        @{ Name = 'After'; Expression = 'IntervenedOutput' }
    $trained, $model | Remove-HyperDasModel
}
