Describe 'Submit-HyperDasExperiment' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $command = 'HyperDas.Commands.SubmitHyperDasExperimentCommand'
        $folder = [System.IO.Directory]::CreateTempSubdirectory('hyperdas submit ').FullName
        $sweep = New-ToySweep $folder
        $plan = "$folder/runs/toy/plan"
        $path = $env:PATH

        # Commands of a scheduler that note how they are called; the body can say more.
        function New-Scheduler([hashtable] $Body) {
            $bin = [System.IO.Directory]::CreateDirectory("$folder/$([guid]::NewGuid())").FullName
            foreach ($name in 'sbatch', 'squeue', 'scancel') {
                [System.IO.File]::WriteAllText("$bin/$name", "#!/bin/sh`necho $name `"`$@`" >> '$bin/calls'`n$($Body[$name])`n")
                [System.IO.File]::SetUnixFileMode("$bin/$name", 'UserRead, UserWrite, UserExecute')
            }
            $env:PATH = "${bin}:$path"
            "$bin/calls"
        }
    }
    AfterEach { $env:PATH = $path }
    AfterAll { [System.IO.Directory]::Delete($folder, $true) }

    Context 'a scheduler' -Skip:(-not $IsLinux) {
        AfterEach {
            Get-Job | Where-Object PSJobTypeName -EQ HyperDasJob | Remove-Job -Force
            if ([System.IO.Directory]::Exists($plan)) { [System.IO.Directory]::Delete($plan, $true) }
        }

        It 'gets one array of the runs, and the gathering after it' {
            $calls = New-Scheduler @{ sbatch = 'echo 7'; squeue = 'echo busy' }
            $job = Submit-HyperDasExperiment -LiteralPath $sweep -Sbatch '--partition=gpu' -ArrayParallelism 1 -Name mine
            $job | Should -BeOfType System.Management.Automation.Job
            $job.Name | Should -Be 'mine'
            $job.Location | Should -Be 'Slurm 7'
            [System.IO.File]::ReadAllLines($calls)[0..1] |
                Should -Be "sbatch --parsable $plan/job.sh", "sbatch --parsable --dependency=afterany:7 $plan/gather.sh"
            [System.IO.File]::ReadAllLines("$plan/job.sh") | Should -Contain '#SBATCH --array=0-1%1'
            { Submit-HyperDasExperiment -LiteralPath $sweep -ErrorAction Stop } | Should -Throw -ErrorId "SubmissionActive,$command"
            $job | Stop-Job
            $job.State | Should -Be Stopped
            @([System.IO.File]::ReadAllLines($calls) -like 'scancel*') | Should -Be 'scancel 7', 'scancel 7'
        }

        It 'takes runs on cards from a machine without one' -Skip:([System.IO.File]::Exists('/proc/driver/nvidia/version')) {
            $null = New-Scheduler @{ sbatch = 'echo 7'; squeue = 'echo busy' }
            $card = @{ LiteralPath = $sweep; Set = 'target.device=cuda' }
            $job = Submit-HyperDasExperiment @card -OutputPath "$folder/card" -WarningVariable warnings -WarningAction SilentlyContinue
            $job.Location | Should -Be 'Slurm 7'
            "$warnings" | Should -BeLike "*no 'cuda'*every task asks by itself*"
            [System.IO.File]::ReadAllLines("$folder/card/plan/job.sh") | Should -Contain '#SBATCH --gres=gpu:1'
            $job | Remove-Job -Force
            $job = Submit-HyperDasExperiment @card -OutputPath "$folder/quiet" -SkipPreparation -WarningVariable warnings
            $warnings | Should -BeNullOrEmpty
            $job | Remove-Job -Force
        }

        It 'says in one error that it is not there, that it refuses, or that it vanishes' {
            $env:PATH = $folder
            { Submit-HyperDasExperiment -LiteralPath $sweep -ErrorAction Stop } | Should -Throw -ErrorId "SchedulerNotFound,$command"
            $null = New-Scheduler @{ sbatch = 'echo "sbatch: error: no such partition" >&2; exit 1' }
            { Submit-HyperDasExperiment -LiteralPath $sweep -ErrorAction Stop } |
                Should -Throw -ErrorId "SubmissionRefused,$command" -ExpectedMessage '*no such partition*'
            $calls = New-Scheduler @{ sbatch = 'case "$*" in *gather*) exit 3 ;; *) echo 8 ;; esac' }
            { Submit-HyperDasExperiment -LiteralPath $sweep -ErrorAction Stop } | Should -Throw -ErrorId "SubmissionRefused,$command"
            [System.IO.File]::ReadAllLines($calls)[-1] | Should -Be 'scancel 8' -Because 'nothing stays half-submitted'
            [System.IO.File]::Exists("$plan/submission.json") | Should -BeFalse
        }

        It 'ends when Slurm has forgotten the array, and names what is missing' {
            $null = New-Scheduler @{ sbatch = 'echo 9'; squeue = 'echo "slurm_load_jobs error: Invalid job id specified" >&2; exit 1' }
            $job = Submit-HyperDasExperiment -LiteralPath $sweep | Wait-Job -Timeout 20
            $job.State | Should -Be Failed
            @($job | Receive-Job -ErrorAction SilentlyContinue -ErrorVariable missing).State | Should -Be Missing, Missing
            $missing[0].FullyQualifiedErrorId | Should -BeLike 'RunsMissing*'
        }
    }

    It 'writes and submits nothing with -WhatIf' {
        Submit-HyperDasExperiment -LiteralPath $sweep -OutputPath "$folder/none" -WhatIf | Should -BeNullOrEmpty
        [System.IO.Directory]::Exists("$folder/none") | Should -BeFalse
    }

    It 'refuses parameters without meaning and documents with mistakes' {
        { Submit-HyperDasExperiment -LiteralPath $sweep -Local -Sbatch '--time=5' -ErrorAction Stop } |
            Should -Throw -ErrorId "ParameterUnused,$command"
        { Submit-HyperDasExperiment -LiteralPath $sweep -ThrottleLimit 2 -ErrorAction Stop } |
            Should -Throw -ErrorId "ParameterUnused,$command"
        { Submit-HyperDasExperiment -LiteralPath $sweep -Sbatch '--gres=gpumem:{{cardmem}}' -ErrorAction Stop } |
            Should -Throw -ErrorId "OptionInvalid,$command" -ExpectedMessage '*cardmemory*'
        { Submit-HyperDasExperiment -LiteralPath $sweep -Sbatch "a`nb" -ErrorAction Stop } | Should -Throw -ErrorId "OptionInvalid,$command"
        { Submit-HyperDasExperiment -LiteralPath $sweep -Set seed=x -ErrorAction Stop } | Should -Throw -ErrorId "ConfigInvalid,$command"
    }

    It 'stops what is done here with Stop-Job, and the runs are interrupted' -Skip:(-not $IsLinux) {
        $which = @{ LiteralPath = $sweep; Set = 'training.epochs=20000'; OutputPath = "$folder/stopped"; Index = 0 }
        $job = Submit-HyperDasExperiment @which -Local
        for ($i = 0; $i -lt 300 -and -not (Get-HyperDasExperiment @which).Step; $i++) { Start-Sleep -Milliseconds 200 }
        $job | Stop-Job
        $job.State | Should -Be Stopped
        $run = Get-HyperDasExperiment @which
        $run.State | Should -Be Interrupted
        $run.Runner | Should -BeNullOrEmpty
        [System.IO.File]::Exists("$($run.Path)/state/state.safetensors") | Should -BeTrue -Because 'the process wrote its state'
    }

    It 'shares the search for a layer among the tasks that it starts' {
        $auto = @{ LiteralPath = $sweep; Set = 'method.layer=auto'; OutputPath = "$folder/auto" }
        Submit-HyperDasExperiment @auto -Local -SearchParallelism 2 -ThrottleLimit 2 | Wait-Job -Timeout 120 | Receive-Job |
            ForEach-Object State | Should -Be Finished
        [System.IO.File]::ReadAllLines("$folder/auto/plan/runs.txt") | Should -Be "0 $folder/auto", "0.1 $folder/auto/plan/workers/0.1"
        [System.IO.File]::ReadAllText("$folder/auto/plan/logs/0.1.log") | Should -Not -BeLike '*Error*'
    }

    It 'does the same here with -Local, and only what is missing' {
        [void] (Invoke-HyperDasExperiment -LiteralPath $sweep -Index 0 -WarningAction Ignore)
        $job = Submit-HyperDasExperiment -LiteralPath $sweep -Local | Wait-Job -Timeout 120
        $job.State | Should -Be Completed -Because "$($job.JobStateInfo.Reason)"
        @($job | Receive-Job).Index | Should -Be 1
        @(Import-Csv "$plan/runs.csv").State | Should -Be Finished, Finished
        [System.IO.File]::ReadAllText("$plan/report.html").Contains('Incomplete:') | Should -BeFalse
        Submit-HyperDasExperiment -LiteralPath $sweep -Local -WarningAction SilentlyContinue -WarningVariable nothing |
            Should -BeNullOrEmpty
        "$nothing" | Should -BeLike 'All 2 runs*'
    }
}
