# Writes what registers Train-Nightly.ps1 with a scheduler, and prints the commands that do it. Changes nothing outside -OutputPath.
#
#   pwsh> ./examples/Register-NightlyTraining.ps1 -Scheduler Systemd -RunPath ~/runs/nightly -At 02:30
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [ValidateSet('Systemd', 'Cron', 'TaskScheduler')] [string] $Scheduler,

    # Folder of the run.
    [Parameter(Mandatory)] [string] $RunPath,

    # Time of day, hh:mm.
    [ValidatePattern('^([01]\d|2[0-3]):[0-5]\d$')] [string] $At = '02:30',

    # Lowest score that counts as good.
    [double] $AtLeast = 70,

    # Program that runs the script.
    [string] $Shell = 'pwsh',

    # Where systemd's files go.
    [string] $OutputPath = '.'
)
$ErrorActionPreference = 'Stop'
$script = [System.IO.Path]::GetFullPath([System.IO.Path]::Combine($PSScriptRoot, 'Train-Nightly.ps1'))
$run = [System.IO.Path]::GetFullPath($RunPath, $PWD.ProviderPath)
$limit = $AtLeast.ToString([cultureinfo]::InvariantCulture)
$hour, $minute = $At.Split(':')
switch ($Scheduler) {
    'Systemd' {
        $folder = [System.IO.Directory]::CreateDirectory([System.IO.Path]::GetFullPath($OutputPath, $PWD.ProviderPath)).FullName
        # A percent sign is doubled in a unit. SIGINT stops the pipeline and writes a state; two minutes are more than a step and a state take. Exit code 2 is a finding, not a failure.
        [System.IO.File]::WriteAllText("$folder/hyperdas-nightly.service", @"
[Unit]
Description=Train and score a HyperDAS interpreter

[Service]
Type=oneshot
ExecStart=$Shell -NoProfile -NonInteractive -File "$($script.Replace('%', '%%'))" -OutputPath "$($run.Replace('%', '%%'))" -AtLeast $limit
KillSignal=SIGINT
TimeoutStopSec=120
SuccessExitStatus=2

"@)
        [System.IO.File]::WriteAllText("$folder/hyperdas-nightly.timer", @"
[Unit]
Description=Nightly HyperDAS training

[Timer]
OnCalendar=*-*-* ${At}:00
Persistent=true

[Install]
WantedBy=timers.target

"@)
        "cp '$folder/hyperdas-nightly.service' '$folder/hyperdas-nightly.timer' ~/.config/systemd/user/"
        'systemctl --user daemon-reload'
        'systemctl --user enable --now hyperdas-nightly.timer'
    }
    'Cron' {
        # In crontab a percent sign ends the command.
        "$([int] $minute) $([int] $hour) * * * $Shell -NoProfile -NonInteractive -File '$script' -OutputPath '$run' -AtLeast $limit >> '$run.log' 2>&1".Replace('%', '\%')
    }
    'TaskScheduler' {
        "`$action = New-ScheduledTaskAction -Execute '$Shell' -Argument '-NoProfile -NonInteractive -File ""$script"" -OutputPath ""$run"" -AtLeast $limit'"
        "`$trigger = New-ScheduledTaskTrigger -Daily -At '$At'"
        "Register-ScheduledTask -TaskName 'HyperDAS nightly' -Action `$action -Trigger `$trigger -Settings (New-ScheduledTaskSettingsSet -StartWhenAvailable)"
    }
}
