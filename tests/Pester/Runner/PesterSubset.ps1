# The part of Pester 5 that the test files in this repository use, written with PowerShell's core commands only, so that the same files
# run under the real Pester (pwsh: Invoke-Pester tests/Pester) and where neither pwsh nor Pester can be installed.
# Dot-source it, then Find-PesterTest or Invoke-PesterTest. As in Pester, a file runs twice: first to find the tests (the bodies of
# Describe and Context), then each block's BeforeAll, the tests in scopes of their own, and AfterAll.

${alias:Context} = 'Describe'
# A cmdlet opens no scope: the block runs where it stands, and what it sets is visible to the blocks that follow.
${alias:BeforeDiscovery} = 'ForEach-Object'

. "$PSScriptRoot/Should.ps1"

function New-PesterBlock([string] $Name, $Parent, [object] $Case, [string[]] $Tag, [bool] $Skip) {
    [pscustomobject]@{
        Kind = 'Block'; Name = $Name; Parent = $Parent; Case = $Case ?? $Parent.Case; Tag = @($Tag) + @($Parent.Tag); Skip = $Skip -or $Parent.Skip
        BeforeAll = @(); AfterAll = @(); BeforeEach = @(); AfterEach = @()
        Items = [System.Collections.Generic.List[object]]::new()
    }
}

# "adds <a> and <b>": names in angle brackets stand for the values of the case; <_> is the case itself.
function Expand-PesterName([string] $Name, $Case) {
    [regex]::Replace($Name, '<(\w+)((?:\.\w+)*)>', {
            param($match)
            $first = $match.Groups[1].Value
            if ($first -eq '_') { $value = $Case }
            elseif ($Case -is [System.Collections.IDictionary] -and $Case.Contains($first)) { $value = $Case[$first] }
            else { return $match.Value }
            foreach ($member in $match.Groups[2].Value.Split('.', [StringSplitOptions]::RemoveEmptyEntries)) { $value = $value.$member }
            if ($null -eq $value) { '$null' } else { "$value" }
        })
}

# Underscores here and below: what the test file's blocks see is also every variable of the functions that call them.
function Describe {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Name,
        [Parameter(Mandatory, Position = 1)] [scriptblock] $Fixture,
        [string[]] $Tag = @(),
        [object[]] $ForEach,
        [switch] $Skip
    )
    $__cases = @($null)
    if ($PSBoundParameters.ContainsKey('ForEach')) { $__cases = $ForEach }
    foreach ($__case in $__cases) {
        $__parent = $PesterState.Block
        $__block = New-PesterBlock (Expand-PesterName $Name $__case) $__parent $__case $Tag $Skip
        $__parent.Items.Add($__block)
        $PesterState.Block = $__block
        try {
            & {
                . Set-PesterCaseVariable $__case
                ForEach-Object -InputObject $__case -Process $Fixture
            }
        }
        finally { $PesterState.Block = $__parent }
    }
}

function It {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Name,
        [Parameter(Position = 1)] [scriptblock] $Test = {},
        [string[]] $Tag = @(),
        [Alias('TestCases')] [object[]] $ForEach,
        [switch] $Skip
    )
    $block = $PesterState.Block
    $cases = @($null)
    if ($PSBoundParameters.ContainsKey('ForEach')) { $cases = $ForEach }
    foreach ($case in $cases) {
        $title = Expand-PesterName $Name $case
        $names = @($title)
        for ($b = $block; $b.Parent; $b = $b.Parent) { $names = @($b.Name) + $names }
        $block.Items.Add([pscustomobject]@{
                Kind = 'Test'; Name = $title; FullName = $names -join ' > '; Parent = $block; Case = $case ?? $block.Case
                Tag = @($Tag) + @($block.Tag); Skip = $Skip -or $block.Skip; Body = $Test
            })
    }
}

function BeforeAll([scriptblock] $Scriptblock) { $PesterState.Block.BeforeAll += $Scriptblock }
function AfterAll([scriptblock] $Scriptblock) { $PesterState.Block.AfterAll += $Scriptblock }
function BeforeEach([scriptblock] $Scriptblock) { $PesterState.Block.BeforeEach += $Scriptblock }
function AfterEach([scriptblock] $Scriptblock) { $PesterState.Block.AfterEach += $Scriptblock }

function Set-ItResult([switch] $Skipped, [string] $Because) {
    throw [System.OperationCanceledException]::new("PesterSkipped: $Because")
}

# To be called with a dot: the names of a case become variables where the caller stands.
function Set-PesterCaseVariable($__values) {
    if ($__values -is [System.Collections.IDictionary]) {
        foreach ($__key in $__values.Keys) { $ExecutionContext.SessionState.PSVariable.Set($__key, $__values[$__key]) }
    }
}

function Get-PesterTree([string] $Path) {
    $PesterState = [pscustomobject]@{ Block = New-PesterBlock '' $null $null @() $false }
    $root = $PesterState.Block
    $null = & $Path
    $root
}

# Every test of a block and of the blocks in it, in the order of the file.
function Get-PesterLeaf($Block) {
    foreach ($item in $Block.Items) {
        if ($item.Kind -eq 'Test') { $item } else { Get-PesterLeaf $item }
    }
}

function Get-PesterSkipReason($Test, [string[]] $ExcludeTag) {
    if ($Test.Skip) { return 'marked -Skip' }
    foreach ($tag in $Test.Tag) { if ($ExcludeTag -contains $tag) { return "tag $tag is left out" } }
}

function New-PesterResult($Test, [string] $Result, $Reason) {
    [pscustomobject]@{ Name = $Test.FullName; Result = $Result; Message = "$Reason" }
}

function Get-PesterErrorText($ErrorRecord) {
    "$($ErrorRecord.Exception.Message)`n$($ErrorRecord.ScriptStackTrace)"
}

# Variables that a block of the test file sets must land in this function's scope, where the tests below find them: hence
# ForEach-Object, which opens no scope and sets $_.
function Invoke-PesterBlock($__block, [string[]] $__excludeTag) {
    $__wanted = @(Get-PesterLeaf $__block | Where-Object { -not (Get-PesterSkipReason $_ $__excludeTag) })
    . Set-PesterCaseVariable $__block.Case
    $__failed = $null
    if ($__wanted) {
        try { foreach ($__step in $__block.BeforeAll) { $null = ForEach-Object -InputObject $__block.Case -Process $__step } }
        catch { $__failed = "BeforeAll: $(Get-PesterErrorText $_)" }
    }
    foreach ($__item in $__block.Items) {
        if ($__failed) { Get-PesterLeaf ([pscustomobject]@{ Items = @($__item) }) | ForEach-Object { New-PesterResult $_ 'Failed' $__failed } }
        elseif ($__item.Kind -eq 'Test') { Invoke-PesterIt $__item $__excludeTag }
        else { Invoke-PesterBlock $__item $__excludeTag }
    }
    if ($__wanted) {
        try { foreach ($__step in $__block.AfterAll) { $null = ForEach-Object -InputObject $__block.Case -Process $__step } }
        catch { New-PesterResult ([pscustomobject]@{ FullName = "$($__block.Name) > AfterAll" }) 'Failed' (Get-PesterErrorText $_) }
    }
}

function Invoke-PesterIt($__test, [string[]] $__excludeTag) {
    $__reason = Get-PesterSkipReason $__test $__excludeTag
    if ($__reason) { return New-PesterResult $__test 'Skipped' $__reason }
    $__before = @(); $__after = @()
    for ($__b = $__test.Parent; $__b; $__b = $__b.Parent) { $__before = @($__b.BeforeEach) + $__before; $__after += @($__b.AfterEach) }
    . Set-PesterCaseVariable $__test.Case
    try {
        try {
            foreach ($__step in $__before) { $null = ForEach-Object -InputObject $__test.Case -Process $__step }
            $null = ForEach-Object -InputObject $__test.Case -Process $__test.Body
        }
        finally { foreach ($__step in $__after) { $null = ForEach-Object -InputObject $__test.Case -Process $__step } }
        New-PesterResult $__test 'Passed'
    }
    catch {
        if ($_.Exception.Message -like 'PesterSkipped: *') { New-PesterResult $__test 'Skipped' $_.Exception.Message.Substring(15) }
        else { New-PesterResult $__test 'Failed' (Get-PesterErrorText $_) }
    }
}

# The names of a file's tests.
function Find-PesterTest([string] $Path) { Get-PesterLeaf (Get-PesterTree $Path) | ForEach-Object FullName }

# Runs a file: one record per test, with Name, Result (Passed, Failed, Skipped) and Message.
function Invoke-PesterTest([string] $__path, [string[]] $__excludeTag) {
    $TestDrive = [System.IO.Directory]::CreateTempSubdirectory('hyperdas-pester-').FullName
    try { Invoke-PesterBlock (Get-PesterTree $__path) $__excludeTag }
    finally { [System.IO.Directory]::Delete($TestDrive, $true) }
}
