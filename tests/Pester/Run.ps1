<#
.SYNOPSIS
Runs test files in this process and writes what became of every test as JSON, for 'dotnet test'.

.DESCRIPTION
By hand, Pester alone does: Invoke-Pester tests/Pester

.EXAMPLE
tests/Pester/Run.ps1 -Pester ~/.nuget/packages/pester/6.2.0/tools/Pester.psd1 -ResultPath results.json -Path tests/Pester/Errors.Tests.ps1
#>
[CmdletBinding()]
param(
    # The manifest of the Pester to use.
    [Parameter(Mandatory)] [string] $Pester,

    # Where the results go.
    [Parameter(Mandatory)] [string] $ResultPath,

    # A file, or a folder of files.
    [string] $Path = $PSScriptRoot,

    # Tags to leave out, with commas between them.
    [string] $ExcludeTag = '',

    # Find the tests and run none.
    [switch] $OnlyFind
)
$ErrorActionPreference = 'Stop'
Import-Module $Pester

# A block's own error is one of its BeforeAll or AfterAll; its tests don't repeat it.
function Get-BlockMessage($Block) {
    $messages = @($Block.ErrorRecord | ForEach-Object { Get-Message $_ })
    if ($messages) { "$($Block.ExpandedPath): $($messages -join "`n")" }
    foreach ($inner in $Block.Blocks) { Get-BlockMessage $inner }
}

# The tests of a block and of the blocks in it, in the order of the file.
function Get-Test($Block) {
    foreach ($item in $Block.Order) {
        if ($item.ItemType -ne 'Test') { Get-Test $item; continue }
        [pscustomobject]@{
            Name = $item.ExpandedPath
            Path = $item.Path -join '.'
            Result = "$($item.Result)"
            Message = @($item.ErrorRecord | ForEach-Object { Get-Message $_ }) -join "`n"
        }
    }
}

# The way through Pester itself says nothing about a failure.
function Get-Message($ErrorRecord) {
    $own = [System.IO.Path]::GetDirectoryName((Get-Module Pester).Path)
    @($ErrorRecord.Exception.Message) + @("$($ErrorRecord.ScriptStackTrace)".Split("`n") |
        Where-Object { $_ -and -not $_.Contains($own) }) -join "`n"
}

$configuration = New-PesterConfiguration
$configuration.Run.Path = $Path
$configuration.Run.PassThru = $true
$configuration.Run.SkipRun = [bool] $OnlyFind
$configuration.Filter.ExcludeTag = $ExcludeTag.Split(',', [System.StringSplitOptions]::RemoveEmptyEntries)
$configuration.Output.Verbosity = 'Normal'
$run = Invoke-Pester -Configuration $configuration

$files = foreach ($container in $run.Containers) {
    [pscustomobject]@{
        Name = [System.IO.Path]::GetFileName("$($container.Item)")
        Seconds = $container.Duration.TotalSeconds
        Errors = @($container.ErrorRecord | ForEach-Object { Get-Message $_ }) + @($container.Blocks |
            ForEach-Object { Get-BlockMessage $_ })
        Tests = @($container.Blocks | ForEach-Object { Get-Test $_ })
    }
}
$results = [pscustomobject]@{ Pester = "$($run.Version)"; PowerShell = "$($PSVersionTable.PSVersion)"; Files = @($files) }
[System.IO.File]::WriteAllText($PSCmdlet.GetUnresolvedProviderPathFromPSPath($ResultPath), (ConvertTo-Json $results -Depth 5))
exit [int]($run.Result -ne 'Passed')
