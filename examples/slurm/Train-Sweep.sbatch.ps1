#!/usr/bin/env pwsh
#SBATCH --job-name=hyperdas
#SBATCH --array=0-14
#SBATCH --cpus-per-task=2
#SBATCH --mem=8G
#SBATCH --time=02:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:INT@120
#SBATCH --output=hyperdas-%A-%a.log

<#
.SYNOPSIS
One run of a sweep over domains and seeds: the array index says which.

.DESCRIPTION
Slurm interrupts it two minutes before its time is up, the training writes its state, and the requeued run goes on from there.

.EXAMPLE
sbatch examples/slurm/Train-Sweep.sbatch.ps1
#>
[CmdletBinding()]
param(
    # Index of the run.
    [int] $Index = $env:SLURM_ARRAY_TASK_ID,

    # Domains of the benchmark.
    [string[]] $Domain = ('city', 'nobel_prize_winner', 'occupation', 'physical_object', 'verb'),

    # Seeds of the trainings.
    [long[]] $Seed = (1, 2, 3),

    # Where the runs' folders go.
    [string] $OutputPath = 'runs',

    # The repository; sbatch runs a copy of this script, so that its own folder says nothing.
    [string] $Repository = ($env:SLURM_SUBMIT_DIR ?? [System.IO.Path]::GetFullPath("$PSScriptRoot/../..")),

    # Shows the run instead of doing it.
    [switch] $Show
)
$ErrorActionPreference = 'Stop'
$Repository = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Repository)
$runs = foreach ($d in $Domain) { foreach ($s in $Seed) { @{ Domain = $d; Seed = $s; OutputPath = "$OutputPath/$d.seed$s" } } }
if ($Index -lt 0 -or $Index -ge $runs.Count) {
    [Console]::Error.WriteLine("Run $Index doesn't exist: $($Domain.Count) domains and $($Seed.Count) seeds give the runs 0 to $($runs.Count - 1).")
    exit 1
}
$run = $runs[$Index]
if ($Show) {
    [pscustomobject] $run
    exit 0
}
if ($env:SLURM_CPUS_PER_TASK) { $env:HYPERDAS_NUM_THREADS = $env:SLURM_CPUS_PER_TASK }
$ended = $false
try {
    & "$Repository/examples/Train-Nightly.ps1" @run
    $ended = $true
}
finally {
    # Runs when the signal stopped the script, too: Slurm itself requeues only what a node failure or a preemption ended.
    if (-not $ended) {
        if ($env:SLURM_JOB_ID) { scontrol requeue $env:SLURM_JOB_ID }
        if ([System.Environment]::GetCommandLineArgs() -like "*$($MyInvocation.MyCommand.Name)*") { $Host.SetShouldExit(130) }
    }
}
exit $LASTEXITCODE
