@{
    RootModule           = 'bin/HyperDas.PowerShell.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = '06521c00-5304-4684-a139-e7a5cefe5f90'
    Author               = 'The HyperDas authors'
    CompanyName          = 'HyperDas'
    Copyright            = '(c) The HyperDas authors.'
    Description          = 'Finds where and in which subspace a language model holds a concept: HyperDAS interpreters, interventions and the RAVEL benchmark.'
    PowerShellVersion    = '7.6'
    CompatiblePSEditions = @('Core')
    # Says which copy of the module is loaded where a second one can't be.
    NestedModules        = @('HyperDas.OneCopy.psm1')
    FormatsToProcess     = @('HyperDas.Format.ps1xml', 'HyperDas.Wide.Format.ps1xml')
    CmdletsToExport      = @(
        'Get-HyperDasExperiment'
        'Invoke-HyperDasExperiment'
        'New-HyperDasExperiment'
        'Submit-HyperDasExperiment'
        'Test-HyperDasExperiment'
        'Install-HyperDasBackend'
        'Save-HyperDasBackend'
        'Test-HyperDasBackend'
        'Invoke-HyperDasGeneration'
        'Export-HyperDasHeatmap'
        'Export-HyperDasInterpreter'
        'Export-HyperDasPlot'
        'Export-HyperDasReport'
        'Invoke-HyperDasIntervention'
        'Find-HyperDasLayer'
        'Get-HyperDasModel'
        'Import-HyperDasModel'
        'Remove-HyperDasModel'
        'Save-HyperDasModel'
        'Test-HyperDasModel'
        'Start-HyperDasPretraining'
        'Start-HyperDasTraining'
        'Export-RavelDataset'
        'Import-RavelDataset'
        'New-RavelDataset'
        'Save-RavelDataset'
        'Compare-RavelScore'
        'Import-RavelScore'
        'Measure-RavelScore'
    )
    FunctionsToExport    = @()
    VariablesToExport    = @()
    AliasesToExport      = @()
    PrivateData          = @{
        PSData = @{
            LicenseUri = 'https://licenses.nuget.org/MIT'
            # Find-PSResource -CommandName goes by a tag for each command.
            Tags       = @(
                'PSEdition_Core', 'Windows', 'Linux', 'MacOS', 'Interpretability', 'HyperDAS', 'RAVEL', 'TorchSharp'
                'PSCommand_Get-HyperDasExperiment'
                'PSCommand_Invoke-HyperDasExperiment'
                'PSCommand_New-HyperDasExperiment'
                'PSCommand_Submit-HyperDasExperiment'
                'PSCommand_Test-HyperDasExperiment'
                'PSCommand_Install-HyperDasBackend'
                'PSCommand_Save-HyperDasBackend'
                'PSCommand_Test-HyperDasBackend'
                'PSCommand_Invoke-HyperDasGeneration'
                'PSCommand_Export-HyperDasHeatmap'
                'PSCommand_Export-HyperDasInterpreter'
                'PSCommand_Export-HyperDasPlot'
                'PSCommand_Export-HyperDasReport'
                'PSCommand_Invoke-HyperDasIntervention'
                'PSCommand_Find-HyperDasLayer'
                'PSCommand_Get-HyperDasModel'
                'PSCommand_Import-HyperDasModel'
                'PSCommand_Remove-HyperDasModel'
                'PSCommand_Save-HyperDasModel'
                'PSCommand_Test-HyperDasModel'
                'PSCommand_Start-HyperDasPretraining'
                'PSCommand_Start-HyperDasTraining'
                'PSCommand_Export-RavelDataset'
                'PSCommand_Import-RavelDataset'
                'PSCommand_New-RavelDataset'
                'PSCommand_Save-RavelDataset'
                'PSCommand_Compare-RavelScore'
                'PSCommand_Import-RavelScore'
                'PSCommand_Measure-RavelScore'
            )
        }
    }
}
