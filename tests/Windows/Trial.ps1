<#
.SYNOPSIS
A short training, an intervention, scores, and a training that is killed and goes on: the same script on every system.

.DESCRIPTION
tests/Windows/run starts it under Linux and, through Wine, under Windows, and compares what both have written. The program must have been
published to a folder beside the module; the script that is killed starts itself again with -Part Killed.

.EXAMPLE
dotnet run -c Release --project src/HyperDas.Shell -- -File tests/Windows/Trial.ps1 -Path artifacts/trial
#>
[CmdletBinding()]
param(
    # Folder for everything that is written.
    [Parameter(Mandatory)] [string] $Path,

    # Whole, or what the child does that is killed.
    [ValidateSet('Whole', 'Killed')] [string] $Part = 'Whole'
)
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$PSStyle.OutputRendering = 'PlainText'
$Path = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
$root = [System.IO.Path]::GetFullPath("$PSScriptRoot/../..")
function Assert-That([bool] $Holds, [string] $What) { if ($Holds) { "ok: $What" } else { throw "It doesn't hold: $What" } }

$model = Import-HyperDasModel "$root/examples/models/mini-llama" -Dtype Float32
$count = @{ TrainCount = 64; ValCount = 0; TestCount = 24; Seed = 1 }
$facts = Import-RavelDataset "$root/examples/data/ravel-mini" -Domain city
$dataset = $facts | New-RavelDataset -Model $model @count
$training = @{ Model = $model; Dataset = $dataset; Layer = 3; Seed = 1; CheckpointInterval = 1 }
$option = @{ MaxSteps = 12; Epochs = 1; BatchSize = 16 }

if ($Part -eq 'Killed') {
    # Far more steps than it lives for.
    Start-HyperDasTraining @training -TrainingOption $option -StatePath "$Path/killed" | Out-Null
    return
}

Remove-Item -LiteralPath $Path -Recurse -Force -ErrorAction Ignore
$result = Start-HyperDasTraining @training -TrainingOption $option -StatePath "$Path/whole" -MetricsPath "$Path/metrics.jsonl"
Assert-That ($result.Steps -eq 12) 'a training of 12 steps'
Measure-RavelScore -Interpreter $result -Dataset $dataset -OutputPath "$Path/trained/scores.json" -Force | Out-Null
$result | Export-HyperDasInterpreter -Path "$Path/whole-interpreter"

# A second process is killed when it has written a state, and this one goes on.
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
Assert-That ($one -eq $other) 'killed and resumed, it is what it would have been, bit for bit'

# The ready interpreter, in words that it may never have seen; its scores are numbers of many forward passes.
$ready = Import-HyperDasModel -Interpreter "$root/examples/models/mini-llama-interpreter" -Model $model
$answer = Invoke-HyperDasIntervention -Interpreter $ready -BasePrompt 'Vienna is in' -SourcePrompt 'I love Paris' -Concept 'the nation'
"$($answer.OriginalOutput) becomes $($answer.IntervenedOutput)"
Measure-RavelScore -Interpreter $ready -Dataset $dataset -SelectionMode OneToOne -OutputPath "$Path/ready/scores.json" -Force | Out-Null

# What is hashed or compared has LF alone.
$files = Get-ChildItem -LiteralPath $Path -Recurse -Include *.json, *.jsonl, *.csv
Assert-That (-not ($files | Where-Object { [System.IO.File]::ReadAllText($_.FullName).Contains("`r") })) 'no file that was written has CR'
'passed'
