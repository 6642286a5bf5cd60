<#
.SYNOPSIS
Trains and scores, and reports the result in its exit code: 0 success, 1 an error, 2 a score below the limit, 130 interrupted.

.DESCRIPTION
Run again after an interruption, it resumes; run again after the end, it only scores. It never prompts, so schedulers can run it.

.EXAMPLE
hyperdas examples/Train-Nightly.ps1 -OutputPath runs/nightly -AtLeast 70

.EXAMPLE
pwsh -NoProfile -NonInteractive -File examples/Train-Nightly.ps1 -OutputPath runs/nightly -AtLeast 70
#>
[CmdletBinding()]
param(
    # Folder of the run: state, interpreter, metrics.jsonl, scores.json.
    [Parameter(Mandatory)] [string] $OutputPath,

    # Domain of the benchmark.
    [string] $Domain = 'city',

    # Intervention layer.
    [int] $Layer = 3,

    # Seed of the training.
    [long] $Seed = 1,

    # Lowest acceptable mean disentangle score, in percent.
    [double] $AtLeast = 0,

    # Ends the training early; for testing the script.
    [Nullable[int]] $MaxSteps
)
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
if (-not (Get-Module HyperDas)) { Import-Module (Join-Path $PSScriptRoot '../module/HyperDas') }
$ended = $false
try {
    $folder = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($OutputPath)
    # Detects a folder that can't be written before the training begins.
    [void] [System.IO.Directory]::CreateDirectory($folder)
    [System.IO.File]::Create([System.IO.Path]::Combine($folder, ".$PID.writable"), 1, 'DeleteOnClose').Dispose()
    $model = Import-HyperDasModel (Join-Path $PSScriptRoot 'models/mini-llama')
    $dataset = Import-RavelDataset (Join-Path $PSScriptRoot 'data/ravel-mini') -Domain $Domain | New-RavelDataset -Model $model
    $more = @{}
    if ($null -ne $MaxSteps) { $more.MaxSteps = $MaxSteps }
    $result = Start-HyperDasTraining $model $dataset -Layer $Layer -Seed $Seed -OutputPath "$folder/interpreter" `
        -StatePath "$folder/state" -Force @more
    $score = $result | Measure-RavelScore -Dataset $dataset -SelectionMode OneToOne -OutputPath "$folder/scores.json" -Force |
        Where-Object { $_.IsMean -and $_.Wording -eq 'Trained' }
    "$Domain, seed ${Seed}: cause $($score.Cause), isolate $($score.Isolate), disentangle $($score.Disentangle)"
    $result, $model | Remove-HyperDasModel
    $ended = $true
}
catch {
    $ended = $true
    [Console]::Error.WriteLine("$_ ($($_.FullyQualifiedErrorId))")
    exit 1
}
finally {
    # SIGINT and Ctrl+C only stop the pipeline: pwsh would exit with 0, which means success. A session that called the script continues.
    if (-not $ended) {
        $global:LASTEXITCODE = 130
        if ([System.Environment]::GetCommandLineArgs() -like "*$($MyInvocation.MyCommand.Name)*") { $Host.SetShouldExit(130) }
    }
}
exit ($score.Disentangle -lt $AtLeast ? 2 : 0)
