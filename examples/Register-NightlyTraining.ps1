<#
.SYNOPSIS
Writes the files that register Train-Nightly.ps1 with a scheduler, and prints the commands.

.DESCRIPTION
Changes nothing outside -OutputPath.

.EXAMPLE
./examples/Register-NightlyTraining.ps1 -Scheduler Systemd -RunPath ~/runs/nightly -At 02:30
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    # The scheduler.
    [Parameter(Mandatory)] [ValidateSet('Systemd', 'Cron', 'TaskScheduler')] [string] $Scheduler,

    # Folder of the run.
    [Parameter(Mandatory)] [ValidatePattern('^[^\r\n]+$')] [string] $RunPath,

    # Time of day, hh:mm.
    [ValidatePattern('^([01]\d|2[0-3]):[0-5]\d$')] [string] $At = '02:30',

    # Lowest acceptable score.
    [double] $AtLeast = 70,

    # Program that runs the script.
    [ValidatePattern('^[^\r\n]+$')] [string] $Shell = 'pwsh',

    # Folder for systemd's files.
    [string] $OutputPath = '.',

    # Replaces existing systemd files.
    [switch] $Force
)
$ErrorActionPreference = 'Stop'
$script = Join-Path $PSScriptRoot 'Train-Nightly.ps1'
$run = [System.IO.Path]::TrimEndingDirectorySeparator($PSCmdlet.GetUnresolvedProviderPathFromPSPath($RunPath))
$limit = $AtLeast.ToString([cultureinfo]::InvariantCulture)
$hour, $minute = $At.Split(':')

# Schedulers differ in how they interpret quotes.
function Format-ShellWord([string] $Text) { "'" + $Text.Replace("'", "'\''") + "'" }
function Format-PowerShellText([string] $Text) { "'" + $Text.Replace("'", "''") + "'" }
# systemd interprets backslashes, percent and dollar signs, even in quotes.
function Format-UnitWord([string] $Text) { '"' + $Text.Replace('\', '\\').Replace('"', '\"').Replace('%', '%%').Replace('$', '$$') + '"' }

# Writes a file; an existing one is replaced only with -Force.
function Write-Unit {
    [CmdletBinding(SupportsShouldProcess)]
    param([string] $File, [string] $Text, [switch] $Force)
    if (-not $Force -and [System.IO.File]::Exists($File)) { throw "'$File' already exists; -Force replaces it." }
    if ($PSCmdlet.ShouldProcess($File, 'Write a unit of systemd')) {
        [void] [System.IO.Directory]::CreateDirectory([System.IO.Path]::GetDirectoryName($File))
        [System.IO.File]::WriteAllText($File, $Text)
    }
}

switch ($Scheduler) {
    'Systemd' {
        $folder = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($OutputPath)
        $service = Join-Path $folder 'hyperdas-nightly.service'
        $timer = Join-Path $folder 'hyperdas-nightly.timer'
        # SIGINT stops the pipeline and writes a state; two minutes are more than a step and a state need. Exit code 2 means a low score and
        # 130 a stopped training that will be resumed: neither is a failure.
        Write-Unit -File $service -Force:$Force -Text @"
[Unit]
Description=Train and score a HyperDAS interpreter

[Service]
Type=oneshot
ExecStart=$(Format-UnitWord $Shell) -NoProfile -NonInteractive -File $(Format-UnitWord $script) -OutputPath $(Format-UnitWord $run) -AtLeast $limit
KillSignal=SIGINT
TimeoutStopSec=120
SuccessExitStatus=2 130

"@
        Write-Unit -File $timer -Force:$Force -Text @"
[Unit]
Description=Nightly HyperDAS training

[Timer]
OnCalendar=*-*-* ${At}:00
Persistent=true

[Install]
WantedBy=timers.target

"@
        "cp $(Format-ShellWord $service) $(Format-ShellWord $timer) ~/.config/systemd/user/"
        'systemctl --user daemon-reload'
        'systemctl --user enable --now hyperdas-nightly.timer'
    }
    'Cron' {
        $command = "$(Format-ShellWord $Shell) -NoProfile -NonInteractive -File $(Format-ShellWord $script) -OutputPath $(Format-ShellWord $run) -AtLeast $limit"
        # In crontab a percent sign ends the command.
        "$([int] $minute) $([int] $hour) * * * $command >> $(Format-ShellWord "$run.log") 2>&1".Replace('%', '\%')
    }
    'TaskScheduler' {
        $argument = "-NoProfile -NonInteractive -File ""$script"" -OutputPath ""$run"" -AtLeast $limit"
        "`$action = New-ScheduledTaskAction -Execute $(Format-PowerShellText $Shell) -Argument $(Format-PowerShellText $argument)"
        "`$trigger = New-ScheduledTaskTrigger -Daily -At '$At'"
        "Register-ScheduledTask -TaskName 'HyperDAS nightly' -Action `$action -Trigger `$trigger -Settings (New-ScheduledTaskSettingsSet -StartWhenAvailable)"
    }
}
