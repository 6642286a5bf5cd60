# What the Tab key offers, where PowerShell itself knows nothing.
Describe 'Completion' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        function Get-Completion([string] $Line) {
            @([System.Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, $null).CompletionMatches.CompletionText)
        }
        $global:hyperDasCompletion = @{ Model = Import-HyperDasModel $toyPath; City = Import-RavelDataset $ravelPath city }
        $global:completedModel = $hyperDasCompletion.Model
        $global:completedCity = $hyperDasCompletion.City
        $global:completedAll = @($completedCity)
    }
    AfterAll {
        $completedModel | Remove-HyperDasModel
        foreach ($name in "hyperDasCompletion", "completedModel", "completedCity", "completedAll") {
            $ExecutionContext.SessionState.PSVariable.Remove("global:$name") }
    }

    It 'offers domains for <Line>' -ForEach @(
        @{ Line = 'Import-RavelDataset "{0}" -Domain n' }
        @{ Line = 'Import-RavelDataset -LiteralPath "{0}" -Domain n' }
        @{ Line = 'Import-RavelDataset "{0}/../ravel-min?" -Domain n' }
        @{ Line = 'Import-RavelDataset "{0}" -Domain verb, n' }
        @{ Line = 'New-HyperDasExperiment x.yaml -DataPath "{0}" -Domain n' }
        @{ Line = 'New-HyperDasExperiment x.yaml -Domain n' }
    ) {
        Get-Completion ($Line -f $ravelPath) | Should -Be 'nobel_prize_winner'
    }

    It 'keeps the quotation mark of <Line>' -ForEach @(
        @{ Line = 'Import-RavelDataset "{0}" -Domain ''n'; Expected = "'nobel_prize_winner'" }
        @{ Line = 'Import-HyperDasModel x -Device "cud'; Expected = '"cuda"', '"cuda:0"', '"cuda:1"' }
        @{ Line = 'Test-HyperDasExperiment x.yaml -Set ''training.epo'; Expected = "'training.epochs=" }
    ) {
        Get-Completion ($Line -f $ravelPath) | Should -Be $Expected
    }

    It 'offers attributes for <Line>' -ForEach @(
        @{ Line = '$completedCity | New-RavelDataset $completedModel -Attribute C' }
        @{ Line = 'New-RavelDataset $completedModel -InputObject $completedCity -Attribute C' }
        @{ Line = '$completedAll[0] | New-RavelDataset $completedModel -Attribute C' }
        @{ Line = '$hyperDasCompletion.City | New-RavelDataset $completedModel -Attribute C' }
        @{ Line = 'Import-RavelDataset "{0}" city | Where-Object Name | New-RavelDataset $completedModel -Attribute C' }
        @{ Line = 'Import-RavelDataset "{0}" city | New-RavelDataset $completedModel -Attribute C' }
        @{ Line = 'Import-RavelDataset -LiteralPath "{0}" -Domain city | New-RavelDataset $completedModel -Attribute C' }
    ) {
        Get-Completion ($Line -f $ravelPath) | Should -Be 'Country', 'Continent'
    }

    It 'quotes an attribute with a space' {
        Get-Completion "Import-RavelDataset '$ravelPath' nobel_prize_winner | New-RavelDataset -Attribute Country" |
            Should -Be "'Country of Birth'"
    }

    It 'offers keys for <Line>' -ForEach @(
        @{ Line = 'Start-HyperDasTraining -TrainingOption @{ Epo'; Expected = 'Epochs' }
        @{ Line = 'Start-HyperDasTraining -NetworkOption @{ FeatureDim'; Expected = 'FeatureDimension' }
        @{ Line = 'Start-HyperDasTraining -Method Sae -MethodOption @{ LatentM'; Expected = 'LatentMultiple' }
        @{ Line = '$completedCity | Start-HyperDasPretraining -PretrainingOption @{ Tok'; Expected = 'Tokens' }
    ) {
        Get-Completion $Line | Should -Be $Expected
    }

    It 'offers files, and models of the Hugging Face cache by the names of their repositories, for <Line>' -ForEach @(
        @{ Line = 'Import-HyperDasModel maker/t'; Expected = 'maker/tiny' }
        @{ Line = 'Import-HyperDasModel -Path "tiny'; Expected = '"maker/tiny"' }
        @{ Line = 'Test-HyperDasModel -Path Tiny'; Expected = 'maker/tiny' }
        @{ Line = 'Start-HyperDasTraining -Model ti'; Expected = 'maker/tiny' }
        @{ Line = 'Measure-RavelScore -Reference FullSwap -Model ti'; Expected = 'maker/tiny' }
        @{ Line = 'Import-HyperDasModel broken'; Expected = $null }
    ) {
        # Files of the current folder are offered too: none that begins alike may be there.
        $empty = New-Item -ItemType Directory -Force (Join-Path $TestDrive 'nothing here')
        $before, $env:HF_HUB_CACHE = $env:HF_HUB_CACHE, (New-ToyCache $TestDrive)
        Push-Location -LiteralPath $empty
        try { $offered = Get-Completion $Line }
        finally { $env:HF_HUB_CACHE = $before; Pop-Location }
        "$offered" | Should -BeExactly "$Expected"
    }

    It 'offers the path of a cached model where a folder of its name comes first' {
        $before, $env:HF_HUB_CACHE = $env:HF_HUB_CACHE, (New-ToyCache $TestDrive)
        Push-Location ([System.IO.Directory]::CreateDirectory("$TestDrive/here/maker/tiny").Parent.Parent.FullName)
        try { $offered = Get-Completion 'Import-HyperDasModel tin' }
        finally {
            $env:HF_HUB_CACHE = $before
            Pop-Location
        }
        "$offered" | Should -BeLike '*models--maker--tiny*'
    }

    It 'offers layers for <Line>' -ForEach @(
        @{ Line = '$completedModel | Measure-RavelScore -Reference FullSwap -Layer '; Expected = '0', '1', '2', '3' }
        @{ Line = 'Start-HyperDasTraining -Model $completedModel -Layer '; Expected = '0', '1', '2', '3', 'Auto' }
        @{ Line = 'Start-HyperDasTraining model -Layer a'; Expected = 'Auto' }
    ) {
        Get-Completion $Line | Should -Be $Expected
    }
}
