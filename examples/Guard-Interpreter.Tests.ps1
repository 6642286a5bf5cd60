<#
.SYNOPSIS
Protects a trained interpreter against regressions: run it after every change of model, data or module.

.EXAMPLE
$env:HYPERDAS_GUARDED = 'artifacts/quickstart/interpreter'; Invoke-Pester examples/Guard-Interpreter.Tests.ps1
#>
param()
Describe 'The guarded interpreter' {
    BeforeAll {
        $ErrorActionPreference = 'Stop'
        $repository = [System.IO.Path]::GetFullPath("$PSScriptRoot/..")
        if (-not (Get-Module HyperDas)) { Import-Module "$repository/module/HyperDas/HyperDas.psd1" }
        $guarded = $env:HYPERDAS_GUARDED ? $env:HYPERDAS_GUARDED : "$repository/artifacts/quickstart/interpreter"
        $model = Import-HyperDasModel "$repository/examples/models/mini-llama"
        $interpreter = Import-HyperDasModel -Interpreter $guarded -Model $model
        $dataset = Import-RavelDataset "$repository/examples/data/ravel-mini" -Domain city | New-RavelDataset -Model $model
        $scores = Measure-RavelScore $interpreter $dataset -SelectionMode Soft, OneToOne
    }
    AfterAll {
        # Without them the reason is BeforeAll's, and a second error would hide it.
        $interpreter, $model | Where-Object { $null -ne $_ } | Remove-HyperDasModel
    }

    It 'moves a country and nothing but the country' {
        $prompts = @{ BasePrompt = 'Vienna is in'; CounterfactualPrompt = 'I love Paris' }
        $intervention = Invoke-HyperDasIntervention $interpreter @prompts -Concept 'the country of a city'
        $intervention.OriginalOutput | Should -BeLike 'Austria*'
        $intervention.IntervenedOutput | Should -BeLike 'France*'
    }

    It 'is better than doing nothing, with <Mode> selection' -ForEach @{ Mode = 'Soft' }, @{ Mode = 'OneToOne' } {
        $all = $scores | Where-Object { $_.Attribute -eq '(all)' -and $_.SelectionMode -eq $Mode }
        $all.Disentangle | Should -BeGreaterThan 60
    }

    It 'leaves other attributes alone' {
        ($scores | Where-Object { $_.Attribute -eq '(all)' -and $_.SelectionMode -eq 'Soft' }).Isolate | Should -BeGreaterThan 75
    }
}
