# Made the other files of this folder, with the program of the commit that the folder is named after: the first whose runs note their
# attempts. Later versions must go on opening them, so nobody runs this again.
param([string] $Path = $PSScriptRoot)
. "$PSScriptRoot/../../../Pester/common.ps1"

[System.IO.File]::WriteAllText("$Path/experiment.yaml", (@(
            'target: { path: ../../toy }'
            'data: { path: ../e2b0052/dataset.jsonl }'
            'method: { layer: 2, featureDimension: 8, blocks: 1, reflections: 4 }'
            'training: { epochs: 1, batchSize: 4 }'
            'evaluation: { bootstrapSamples: 0 }'
            'outputs: { path: runs, interpreter: false, tensorBoard: false, report: false }'
            'sweep: { training.learningRate: [1e-3, 1e+30] }') -join "`n") + "`n")
$null = Invoke-HyperDasExperiment "$Path/experiment.yaml" -WarningAction Ignore -ErrorAction SilentlyContinue
foreach ($file in [System.IO.Directory]::GetFiles("$Path/runs", 'lock*', 'AllDirectories')) { [System.IO.File]::Delete($file) }
