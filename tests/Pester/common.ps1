# What the test files share: dot-source it in BeforeAll, and in BeforeDiscovery where the list of tests needs the module or its types.
$repository = [System.IO.Path]::GetFullPath("$PSScriptRoot/../..")
if (-not (Get-Module HyperDas)) { Import-Module "$repository/module/HyperDas/HyperDas.psd1" }

# A Llama with random weights: see tests/Fixtures/toy.
$toyPath = "$repository/tests/Fixtures/toy"
$ravelPath = "$repository/examples/data/ravel-mini"

# A copy of the toy that a test may damage. Its name has a space and brackets, as users' folders do; what is in the brackets is a valid
# wildcard too, since Pester 5 takes the names in TestDrive for wildcards when it tidies up.
function New-ToyFolder([string] $Parent) {
    $folder = [System.IO.Directory]::CreateDirectory("$Parent/toy [1] $([guid]::NewGuid()) copy").FullName
    foreach ($name in 'config.json', 'model.safetensors', 'tokenizer.json') {
        [System.IO.File]::Copy("$toyPath/$name", "$folder/$name")
    }
    $folder
}

# A cache of Hugging Face with three models: maker/tiny and old open, maker/broken has no snapshot. The value for HF_HUB_CACHE.
function New-ToyCache([string] $Parent) {
    $cache = [System.IO.Directory]::CreateDirectory("$Parent/hub").FullName
    foreach ($root in 'models--maker--tiny', 'models--old') {
        $snapshot = [System.IO.Directory]::CreateDirectory("$cache/$root/snapshots/1").FullName
        foreach ($name in 'config.json', 'model.safetensors', 'tokenizer.json') {
            [System.IO.File]::Copy("$toyPath/$name", "$snapshot/$name", $true)
        }
    }
    [void] [System.IO.Directory]::CreateDirectory("$cache/models--maker--broken/snapshots")
    $cache
}

# Examples that the toy can be trained on: it knows no fact, so New-RavelDataset would find none for it.
function New-ToyExample([string] $Kind, [string] $BaseEntity, [string] $SourceEntity) {
    $values = @{ Vienna = 'A', 'X'; Paris = 'B', 'Y'; Oslo = 'C', 'Z' }
    $asked = if ($Kind -eq 'Cause') { 0 } else { 1 }
    [HyperDas.RavelExample]@{
        Domain = 'city'; Kind = $Kind; Attribute = 'Country'; AskedAttribute = ('Country', 'Language')[$asked];
        Instruction = 'the country of a city'
        BaseEntity = $BaseEntity; SourceEntity = $SourceEntity; BasePrefix = $BaseEntity; BaseSuffix = (' is in', ' speaks')[$asked]
        SourcePrefix = "I love $SourceEntity"; SourceSuffix = ''; BaseTemplate = ('%s is in', '%s speaks')[$asked]
        BaseValue = $values[$BaseEntity][$asked]; SourceValue = $values[$SourceEntity][$asked]
    }
}

function New-ToyDataset {
    [HyperDas.RavelExample[]] $examples = foreach ($base in 'Vienna', 'Paris', 'Oslo') {
        foreach ($source in 'Vienna', 'Paris', 'Oslo') {
            if ($base -ne $source) { New-ToyExample Cause $base $source; New-ToyExample Isolate $base $source }
        }
    }
    $counts = [HyperDas.RavelBuildCounts]::new(6, 0, 0, 0)
    [HyperDas.RavelDataset]::new('toy', [string[]] 'city', [string[]] 'Country', $examples, $examples, $examples, 1, $counts)
}

# An interpreter that has seen three steps.
function New-ToyTraining($Model, $Dataset) {
    Start-HyperDasTraining $Model $Dataset -Layer 2 -FeatureDimension 8 -Blocks 1 -Epochs 1 -BatchSize 4 }

# The bytes of a file, to compare.
function Get-Hex([string] $Path) { [System.Convert]::ToHexString([System.IO.File]::ReadAllBytes($Path)) }

# An experiment of two runs of a second each, in a folder of its own; its file.
function New-ToySweep([string] $Folder) {
    [void] [System.IO.Directory]::CreateDirectory($Folder)
    New-ToyDataset | Export-RavelDataset "$Folder/toy.jsonl"
    [System.IO.File]::WriteAllText("$Folder/toy.yaml", (@(
                "target: { path: '$toyPath' }"
                'data: { path: toy.jsonl }'
                'method: { layer: 2, featureDimension: 8, blocks: 1 }'
                'training: { epochs: 1, batchSize: 4 }'
                'evaluation: { bootstrapSamples: 0 }'
                'sweep: { method.layer: [1, 2] }') -join "`n"))
    "$Folder/toy.yaml"
}
