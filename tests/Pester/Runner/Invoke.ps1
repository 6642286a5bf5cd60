# hyperdas tests/Pester/Runner/Invoke.ps1 [-Path FILE.Tests.ps1, ...] [-ExcludeTag Slow, Gpu, Network]
# Runs Pester files in the embedded shell. In pwsh use the real thing: Invoke-Pester tests/Pester
param(
    [string[]] $Path = [System.IO.Directory]::GetFiles([System.IO.Path]::GetDirectoryName($PSScriptRoot), '*.Tests.ps1'),
    [string[]] $ExcludeTag = @('Slow', 'Gpu', 'Network')
)
. "$PSScriptRoot/PesterSubset.ps1"
$results = @($Path | ForEach-Object { Invoke-PesterTest ([System.IO.Path]::GetFullPath($_)) $ExcludeTag })
$results | Where-Object Result -NE 'Passed' | Out-Host
$count = @{ Passed = 0; Failed = 0; Skipped = 0 }
foreach ($result in $results) { $count[$result.Result]++ }
"$($count.Passed) passed, $($count.Failed) failed, $($count.Skipped) skipped"
exit [int]($count.Failed -gt 0)
