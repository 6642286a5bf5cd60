# hyperdas tests/Fixtures/kept/Start-KeptExperiment.ps1 -Path FOLDER: an experiment of two runs that goes on where it was killed. Its hidden
# states are kept in files, which a kill may cut off.
param([string] $Path)
. "$PSScriptRoot/../../Pester/common.ps1"

if (-not [System.IO.File]::Exists("$Path/sweep/toy.yaml")) { $null = New-ToySweep "$Path/sweep" }
$settings = "target.cachePath=$Path/cache", 'training.epochs=20', 'training.batchSize=2', 'method.reflections=4', 'outputs.report=false'
$null = Invoke-HyperDasExperiment "$Path/sweep/toy.yaml" -OutputPath "$Path/runs" -Set $settings -CheckpointInterval 1 -ErrorAction Stop
foreach ($layer in 1, 2) {
    $run = @([System.IO.Directory]::GetDirectories("$Path/runs") | Where-Object { $_ -like "*$layer" })[0]
    foreach ($name in 'scores.json', 'metrics.jsonl') { [System.IO.File]::Copy("$run/$name", "$Path/$layer.$name", $true) }
    [System.IO.File]::Copy("$run/interpreter/interpreter.safetensors", "$Path/$layer.interpreter.safetensors", $true)
}
