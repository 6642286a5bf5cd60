<#
.SYNOPSIS
A sweep of 2 x 2 runs on Slurm: one task is warned, one is killed, one loses its node; missing runs are submitted again, and all results are
compared bit for bit with those of the same sweep run serially.

.EXAMPLE
tests/Slurm/run
#>
[CmdletBinding()]
param(
    # A folder for the sweep; it needn't exist.
    [Parameter(Mandatory)] [string] $Path
)
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$PSStyle.OutputRendering = 'PlainText'
. "$PSScriptRoot/../Pester/common.ps1"
$clock = [System.Diagnostics.Stopwatch]::StartNew()

function Write-Step([string] $Text) { Write-Host ('{0,4:N0} s  {1}' -f $clock.Elapsed.TotalSeconds, $Text) }
function Assert-That([bool] $Holds, [string] $What) { if ($Holds) { Write-Step "ok: $What" } else { throw "Failed: $What" } }
function Wait-For([string] $What, [scriptblock] $Condition, [int] $Seconds = 120) {
    for ($i = 0; $i -lt 5 * $Seconds; $i++) {
        if (& $Condition) { return }
        Start-Sleep -Milliseconds 200
    }
    throw "Still not true after $Seconds s: $What"
}
# A field of a job, from Slurm.
function Get-Field([string] $Job, [string] $Name) {
    if ("$(scontrol show job $Job --oneliner)" -match "\b$Name=(\S*)") { $Matches[1] }
}
function Wait-ForStep([int] $Index) {
    Wait-For "run $Index trains" { (Get-HyperDasExperiment -LiteralPath $document -Index $Index).Step -ge 20 }
}

$document = New-ToySweep $Path
[System.IO.File]::WriteAllText($document, ([System.IO.File]::ReadAllText($document) -replace 'epochs: 1,', 'epochs: 200,' -replace
        'sweep: .*', 'sweep: { method.layer: [1, 2], seed: [1, 2] }'))
# Each task has one thread, and so has the serial sweep that they are compared with.
$submit = @{ LiteralPath = $document; ProcessorCount = 1; Sbatch = '--time=10' }

$job = Submit-HyperDasExperiment @submit
$id = $job.Location.Split(' ')[1]
Write-Step "submitted as $id"
$again = $null
try { [void] (Submit-HyperDasExperiment @submit) } catch { $again = $_.FullyQualifiedErrorId }
Assert-That ($again -like 'SubmissionActive,*' -or $again -like 'RunLocked,*') "a second submission is refused ($again)"

0..3 | ForEach-Object { Wait-ForStep $_ }
Write-Step 'all four train'
scancel --signal=USR1 --batch "${id}_0"
Write-Step 'warned task 0'
$owner = [System.IO.File]::ReadAllText("$((Get-HyperDasExperiment -LiteralPath $document -Index 1).Path)/lock.owner")
kill -9 ([int] ($owner -replace '^process (\d+).*', '$1'))
Write-Step 'killed task 1'
$node = Get-Field "${id}_2" BatchHost
scontrol update "nodename=$node" state=down reason=test
Write-Step "took $node down"
Wait-For 'task 2 is requeued' { [int] (Get-Field "${id}_2" Restarts) -ge 1 }
# The node may already have come back by itself.
scontrol update "nodename=$node" state=resume 2>$null
Wait-For 'task 0 is requeued' { [int] (Get-Field "${id}_0" Restarts) -eq 1 }

[void] ($job | Wait-Job -Timeout 200)
$ended = @($job | Receive-Job -ErrorAction SilentlyContinue -ErrorVariable missing)
Assert-That ($job.State -eq 'Failed' -and "$($missing[0].FullyQualifiedErrorId)" -like 'RunsMissing*') 'the job says that a run is missing'
Assert-That ((@($ended | Where-Object State -EQ Finished).Index | Sort-Object) -join ',' -eq '0,2,3') 'the others are finished'
Assert-That ((Get-Field "${id}_0" Restarts) -eq '1') 'the warned task requeued itself once'
Assert-That ((Get-Field "${id}_3" Restarts) -eq '0') 'and no other task'
Assert-That ((Get-Field "${id}_1" JobState) -eq 'FAILED') 'the killed task has failed'
$gather = (Get-Content "$Path/runs/toy/plan/submission.json" | ConvertFrom-Json).gather
Assert-That ((Get-Field $gather ExitCode) -eq '1:0') 'the gathering fails when a run is missing'
Assert-That ([System.IO.File]::ReadAllText("$Path/runs/toy/plan/report.html").Contains(
    '1 of 4 runs have no scores')) 'and its report says so'
Assert-That ((Get-HyperDasExperiment -LiteralPath $document -Index 0).Attempts -eq 2) 'both attempts at the warned run are counted'

$job = Submit-HyperDasExperiment @submit
[void] ($job | Wait-Job -Timeout 150)
Assert-That ($job.State -eq 'Completed' -and @($job | Receive-Job).Index -eq 1) 'submitted again, only the missing run is done'
Assert-That ((Import-Csv "$Path/runs/toy/plan/runs.csv").Count -eq 4) 'the table has all four'

$id = (Submit-HyperDasExperiment @submit -Set training.learningRate=1e30 -OutputPath "$Path/bad" -Index 0).Location.Split(' ')[1]
Wait-For 'the failing task ends' { (Get-Field "${id}_0" JobState) -eq 'FAILED' }
Assert-That ((Get-Field "${id}_0" ExitCode) -eq '1:0') 'a run that diverges fails its task'
Assert-That ((Get-HyperDasExperiment -LiteralPath "$Path/bad").ErrorId -eq 'TrainingDiverged') 'and says why'

$env:HYPERDAS_NUM_THREADS = 1
[void] (Invoke-HyperDasExperiment -LiteralPath $document -OutputPath "$Path/serial" -WarningAction Ignore)
foreach ($run in Get-HyperDasExperiment -LiteralPath $document) {
    $other = $run.Path.Replace("$Path/runs/toy", "$Path/serial")
    foreach ($file in 'scores.json', 'metrics.jsonl', 'interpreter/interpreter.safetensors') {
        Assert-That ((Get-Hex "$($run.Path)/$file") -eq (Get-Hex "$other/$file")) "$($run.Name)/$file is that of the serial run"
    }
}
exit 0
