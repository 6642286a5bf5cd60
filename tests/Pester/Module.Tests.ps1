BeforeDiscovery {
    . "$PSScriptRoot/common.ps1"
    $cmdlets = Get-Command -Module HyperDas | ForEach-Object { @{ Name = $_.Name } }
}

Describe 'The HyperDas module' {
    BeforeAll { . "$PSScriptRoot/common.ps1" }

    It 'exports <Name> with a typed output' -ForEach $cmdlets {
        (Get-Command $Name).OutputType | Should -Not -BeNullOrEmpty
    }

    It 'uses an approved verb and its own noun in <Name>' -ForEach $cmdlets {
        $Name | Should -Match '^(Get|Import|Export|New|Start|Invoke|Measure|Compare|Remove|Save|Test|Install|Submit|Find)-(HyperDas|Ravel)[A-Z]\w+$'
    }

    It 'has a test file for <Name>' -ForEach $cmdlets {
        # The three commands for the backend are tested together.
        $file = if ($Name -like '*-HyperDasBackend') { 'Backend' } else { $Name }
        "$PSScriptRoot/$file.Tests.ps1" | Should -Exist
    }

    It 'can be imported again, removed and imported once more' {
        $manifest = (Get-Module HyperDas).Path -replace 'bin.HyperDas.PowerShell.dll$', 'HyperDas.psd1'
        Import-Module $manifest -Force
        Remove-Module HyperDas
        Get-Command Remove-HyperDasModel -ErrorAction Ignore | Should -BeNullOrEmpty
        Import-Module $manifest
        Get-Command Remove-HyperDasModel | Should -Not -BeNullOrEmpty
    }

    It 'lets scripts name the types that cross the border' {
        [HyperDas.SelectionMode]::OneToOne | Should -Be 'OneToOne'
    }

    It 'keeps the engine out of scripts' {
        'HyperDas.Engine.Numerics.TorchRuntime' -as [type] | Should -BeNullOrEmpty
    }
}
