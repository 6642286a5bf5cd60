# Should, with the operators that the test files use. The words and their meaning are Pester 5's.

function Should {
    [CmdletBinding()]
    param(
        [Parameter(ValueFromPipeline)] [AllowNull()] [object] $ActualValue,
        [switch] $Not,
        [object] $Be, [object] $BeExactly, [object] $BeOfType, [object] $HaveCount, [object] $Match, [object] $BeLike,
        [object] $BeGreaterThan, [object] $BeGreaterOrEqual, [object] $BeLessThan, [object] $BeLessOrEqual,
        [object] $Contain, [object] $BeIn,
        [switch] $BeNullOrEmpty, [switch] $BeTrue, [switch] $BeFalse, [switch] $Exist,
        [switch] $Throw, [string] $ErrorId, [string] $ExpectedMessage, [type] $ExceptionType,
        [string] $Because
    )
    begin { $all = [System.Collections.Generic.List[object]]::new() }
    process { $all.Add($ActualValue) }
    end {
        # A pipeline gives its items one by one; an assertion means all of them together.
        $actual = if ($all.Count -eq 1) { $all[0] } elseif ($all.Count -eq 0) { $null } else { $all.ToArray() }
        $operators = @($PSBoundParameters.Keys | Where-Object { $_ -notin 'ActualValue', 'Not', 'ErrorId', 'ExpectedMessage', 'ExceptionType', 'Because' })
        if ($operators.Count -ne 1) { throw "Should needs one operator, not: $($operators -join ', ')" }
        $operator = $operators[0]
        $expected = $PSBoundParameters[$operator]
        if ($operator -eq 'Throw') {
            return Test-ShouldThrow $actual $Not $ErrorId $ExpectedMessage $ExceptionType $Because
        }
        $holds = Test-ShouldOperator $operator $actual $all $expected
        if ($holds -eq [bool] $Not) {
            $word = if ($Not) { "-Not -$operator" } else { "-$operator" }
            $reason = if ($Because) { ", because $Because" }
            throw "Should $word $(Format-ShouldValue $expected)$reason, but got: $(Format-ShouldValue $actual)"
        }
    }
}

function Test-ShouldOperator([string] $Operator, $Actual, $All, $Expected) {
    switch ($Operator) {
        'Be' { Test-ShouldEqual $Actual $Expected $false }
        'BeExactly' { Test-ShouldEqual $Actual $Expected $true }
        'BeOfType' {
            $type = if ($Expected -is [type]) { $Expected } else { "$Expected".Trim('[', ']') -as [type] }
            if (-not $type) { throw "Should -BeOfType: there is no type '$Expected'" }
            @($All | Where-Object { $_ -isnot $type }).Count -eq 0
        }
        'HaveCount' { @($All | Where-Object { $null -ne $_ }).Count -eq $Expected }
        'Match' { "$Actual" -match $Expected }
        'BeLike' { "$Actual" -like $Expected }
        'BeGreaterThan' { $Actual -gt $Expected }
        'BeGreaterOrEqual' { $Actual -ge $Expected }
        'BeLessThan' { $Actual -lt $Expected }
        'BeLessOrEqual' { $Actual -le $Expected }
        'Contain' { @($All) -contains $Expected }
        'BeIn' { @($Expected) -contains $Actual }
        'BeNullOrEmpty' { $null -eq $Actual -or ($Actual -is [string] -and $Actual.Length -eq 0) -or ($Actual -is [System.Collections.ICollection] -and $Actual.Count -eq 0) }
        'BeTrue' { [bool] $Actual }
        'BeFalse' { -not $Actual }
        'Exist' { [System.IO.File]::Exists("$Actual") -or [System.IO.Directory]::Exists("$Actual") }
    }
}

function Test-ShouldEqual($Actual, $Expected, [bool] $CaseSensitive) {
    $left = @($Actual); $right = @($Expected)
    if ($left.Count -ne $right.Count) { return $false }
    for ($i = 0; $i -lt $left.Count; $i++) {
        $same = if ($CaseSensitive) { $left[$i] -ceq $right[$i] } else { $left[$i] -eq $right[$i] }
        if (-not $same) { return $false }
    }
    $true
}

function Test-ShouldThrow($Actual, [bool] $Not, [string] $ErrorId, [string] $Message, [type] $Type, [string] $Because) {
    if ($Actual -isnot [scriptblock]) { throw 'Should -Throw needs a script block: { ... } | Should -Throw' }
    $caught = $null
    try { $null = & $Actual } catch { $caught = $_ }
    if ($Not) {
        if ($caught) { throw "Expected no exception, but got: $($caught.Exception.Message)" }
        return
    }
    if (-not $caught) { throw "Expected an exception, but none was thrown. $Because" }
    if ($ErrorId -and $caught.FullyQualifiedErrorId -notlike $ErrorId) {
        throw "Expected the error '$ErrorId', but got '$($caught.FullyQualifiedErrorId)': $($caught.Exception.Message)"
    }
    if ($Message -and $caught.Exception.Message -notlike $Message) { throw "Expected the message '$Message', but got '$($caught.Exception.Message)'" }
    if ($Type -and $caught.Exception -isnot $Type) { throw "Expected an exception of $Type, but got $($caught.Exception.GetType())" }
}

function Format-ShouldValue($Value) {
    if ($null -eq $Value) { '$null' } elseif ($Value -is [array]) { "@($($Value -join ', '))" } else { "'$Value'" }
}
