<#
.SYNOPSIS
Trains briefly, intervenes, scores, and resumes a training that was killed: the same script on every system.

.DESCRIPTION
tests/Windows/run starts it under Linux and, through Wine, under Windows, and compares the files that both write. For the training that is
killed, the script starts itself again with -Part Killed; the program must be in a folder beside the module.

.EXAMPLE
dotnet run -c Release --project src/HyperDas.Shell -- -File tests/Windows/Trial.ps1 -Path artifacts/trial
#>
[CmdletBinding()]
param(
    # Folder for all output.
    [Parameter(Mandatory)] [string] $Path,

    # Whole, or the part of the child process that is killed.
    [ValidateSet('Whole', 'Killed')] [string] $Part = 'Whole'
)
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$PSStyle.OutputRendering = 'PlainText'
$Path = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
$root = [System.IO.Path]::GetFullPath("$PSScriptRoot/../..")
function Assert-That([bool] $Holds, [string] $What) { if ($Holds) { "ok: $What" } else { throw "Failed: $What" } }

$model = Import-HyperDasModel "$root/examples/models/mini-llama" -Dtype Float32
$count = @{ TrainCount = 64; ValCount = 0; TestCount = 24; Seed = 1 }
$facts = Import-RavelDataset "$root/examples/data/ravel-mini" -Domain city
$dataset = $facts | New-RavelDataset -Model $model @count
$training = @{ Model = $model; Dataset = $dataset; Layer = 3; Seed = 1; CheckpointInterval = 1 }
$option = @{ MaxSteps = 12; Epochs = 1; BatchSize = 16 }

if ($Part -eq 'Killed') {
    # Far more steps than it has time for.
    Start-HyperDasTraining @training -TrainingOption $option -StatePath "$Path/killed" | Out-Null
    return
}

Remove-Item -LiteralPath $Path -Recurse -Force -ErrorAction Ignore
$result = Start-HyperDasTraining @training -TrainingOption $option -StatePath "$Path/whole" -MetricsPath "$Path/metrics.jsonl"
Assert-That ($result.Steps -eq 12) 'a training of 12 steps'
Measure-RavelScore -Interpreter $result -Dataset $dataset -OutputPath "$Path/trained/scores.json" -Force | Out-Null
$result | Export-HyperDasInterpreter -Path "$Path/whole-interpreter"

# A second process is killed after it has written a state; this process resumes its training.
$child = Start-Process ([System.Environment]::ProcessPath) -PassThru -NoNewWindow -ArgumentList @(
    '-NoProfile', '-NonInteractive', '-File', "`"$PSCommandPath`"", '-Path', "`"$Path`"", '-Part', 'Killed')
for ($i = 0; $i -lt 1200 -and -not $child.HasExited; $i++) {
    if (Get-ChildItem -LiteralPath "$Path/killed" -Filter '*.safetensors' -ErrorAction Ignore) { break }
    Start-Sleep -Milliseconds 100
}
$running = -not $child.HasExited
$child.Kill()
$child.WaitForExit()
"killed while it ran: $running; its folder: $((Get-ChildItem -LiteralPath "$Path/killed").Name -join ', ')"
$resumed = Start-HyperDasTraining @training -TrainingOption $option -StatePath "$Path/killed"
$resumed | Export-HyperDasInterpreter -Path "$Path/killed-interpreter"
$one, $other = 'whole', 'killed' | ForEach-Object { (Get-FileHash "$Path/$_-interpreter/interpreter.safetensors").Hash }
Assert-That ($one -eq $other) 'the resumed training has the same parameters as the uninterrupted one'

# The ready interpreter, with words that it may not have been trained on; its scores result from many forward passes.
$ready = Import-HyperDasModel -Interpreter "$root/examples/models/mini-llama-interpreter" -Model $model
$answer = Invoke-HyperDasIntervention -Interpreter $ready -BasePrompt 'Vienna is in' -SourcePrompt 'I love Paris' -Concept 'the nation'
"$($answer.OriginalOutput) becomes $($answer.IntervenedOutput)"
Measure-RavelScore -Interpreter $ready -Dataset $dataset -SelectionMode OneToOne -OutputPath "$Path/ready/scores.json" -Force | Out-Null

# Files that are hashed or compared have only LF.
$files = Get-ChildItem -LiteralPath $Path -Recurse -Include *.json, *.jsonl, *.csv
Assert-That (-not ($files | Where-Object { [System.IO.File]::ReadAllText($_.FullName).Contains("`r") })) 'no written file contains CR'
'passed'
