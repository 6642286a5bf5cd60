<#
.SYNOPSIS
Trains every method on every domain of the benchmark and writes the tables: scores by method and domain, and scores by wording.

.DESCRIPTION
Scores use templates that training never saw. All methods that learn from pairs draw the same number of new ones from the same known facts
in each epoch; HyperDAS reads a description with each. Each run is one score file; a run with an existing file isn't repeated, so the script
resumes where it was stopped, and several processes can share the work by row, domain or seed.

.EXAMPLE
dotnet run -c Release --project src/HyperDas.Shell -- examples/Reproduce-RavelTable.ps1

.EXAMPLE
Import-Module ./module/HyperDas; ./examples/Reproduce-RavelTable.ps1 -Seed 1, 2, 3
#>
[CmdletBinding()]
param(
    # Folder of the runs.
    [string] $OutputPath = (Join-Path $PSScriptRoot '../artifacts/ravel-table'),

    # Folder with the benchmark's files.
    [string] $Data = (Join-Path $PSScriptRoot 'data/ravel-mini'),

    # Folder of the target model.
    [string] $Target = (Join-Path $PSScriptRoot 'models/mini-llama'),

    # Domains to run.
    [string[]] $Domain = @('city', 'nobel_prize_winner', 'occupation', 'physical_object', 'verb'),

    # Rows of the table to run.
    [string[]] $Name = @(
        'no intervention', 'full swap', 'PCA', 'SAE', 'RLAP', 'DBM', 'DAS', 'MDAS', 'HyperDAS faithful', 'HyperDAS', 'HyperDAS compact',
        'HyperDAS end bias', 'HyperDAS question visible'),

    # Seeds of the trained methods.
    [long[]] $Seed = @(1, 2, 3),

    # Candidate layers for each row. The layer is chosen on the validation split of the city domain with seed 1, regardless of the other
    # parameters, so several processes that share the work choose the same. Rows of HyperDAS use the layer of the row "HyperDAS".
    [int[]] $Layer = @(2, 3, 4),

    # Pairs for each attribute in an epoch.
    [int] $TrainCount = 4000,

    # Number of epochs.
    [int] $Epochs = 6,

    # Epochs of the trainings that only choose a layer.
    [int] $LayerEpochs = 2,

    # Folder for results-table.md and results.json; empty for none.
    [string] $DocumentPath = ''
)
$ErrorActionPreference = 'Stop'
$OutputPath = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($OutputPath)
[void] (New-Item -ItemType Directory -Path $OutputPath -Force)
$invariant = [System.Globalization.CultureInfo]::InvariantCulture

# Settings of each row. HyperDAS is trained only for the benchmark here: no example is shown beyond its entity, as for the other methods.
# The original's learning rate of 4e-5 is for Llama-3-8B; on so small a target it learns little in a thousand steps.
$anew = @{ DrawAnew = $true }
$shown = @{ WholePromptShare = 0 }
$rows = @{
    'PCA'               = @{ Method = 'Pca' }
    'SAE'               = @{ Method = 'Sae' }
    'RLAP'              = @{ Method = 'Rlap' }
    'DBM'               = @{ Method = 'Dbm'; TrainingOption = $anew }
    'DAS'               = @{ Method = 'Das'; FeatureDimension = 32; TrainingOption = $anew }
    'MDAS'              = @{ Method = 'Mdas'; FeatureDimension = 32; TrainingOption = $anew }
    'HyperDAS faithful' = @{ Faithful = $true; FeatureDimension = 32; LearningRate = 1e-3; TrainingOption = $anew }
    'HyperDAS'          = @{ TrainingOption = $shown }
    # The default for a target of more than 500 million weights, at the same ratios.
    'HyperDAS compact'  = @{
        TrainingOption = $shown + @{ MomentFormat = 'BFloat16'; Recompute = $true }
        MethodOption = @{ AdapterRank = 4; SubspaceInner = 64 }
    }
    # Uses the distance from the end of the visible prompt, which is where entities are here.
    'HyperDAS end bias' = @{ TrainingOption = $shown; MethodOption = @{ EndBias = $true } }
    # Sees what the base prompt asks for, and may leave it unchanged for that reason: docs/trials.md, "What the interpreter knows".
    'HyperDAS question visible' = @{ TrainingOption = $shown; MethodOption = @{ BaseSuffixVisible = $true } }
}
$references = @{ 'no intervention' = 'NoIntervention'; 'full swap' = 'FullSwap' }
# Rows whose result doesn't depend on a seed.
$seedless = @('no intervention', 'full swap', 'PCA')

function Get-File([string] $Row, [string] $In, [int] $At, [long] $With, [string] $Part) {
    [System.IO.Path]::Combine($OutputPath,
        ('{0}.{1}.layer{2}.seed{3}.{4}.json' -f $Row.Replace(' ', '-'), $In, $At, $With, $Part).ToLowerInvariant())
}

# The number that layers are chosen by: HyperDAS's one-to-one score in words of the training.
function Get-Value([string] $File) {
    $means = Read-Run $File
    if ($means.ContainsKey('oneToOne trained')) { $means['oneToOne trained'].Triple[2] } else { $means['soft trained'].Triple[2] }
}

# The scores of a run, trained if its file isn't there. The part is 'Val' for a training that only chooses a layer, 'Test' for a row's own.
function Invoke-Run([string] $Row, [string] $In, [int] $At, [long] $With, [string] $Part) {
    $file = Get-File $Row $In $At $With $Part
    if (Test-Path -LiteralPath $file) { return }
    if (-not $script:model) { $script:model = Import-HyperDasModel -Path $Target }
    if (-not $script:datasets.ContainsKey($In)) {
        $script:datasets[$In] = Import-RavelDataset -Path $Data -Domain $In |
            New-RavelDataset -Model $script:model -TrainCount $TrainCount
    }
    $dataset = $script:datasets[$In]
    if ($references.ContainsKey($Row)) {
        $scores = Measure-RavelScore -Model $script:model -Layer $At -Reference $references[$Row] -Dataset $dataset `
            -Split $Part -OutputPath $file
    }
    else {
        $option = $rows[$Row].Clone()
        if ($option.ContainsKey('TrainingOption')) { $option.Epochs = if ($Part -eq 'Val') { $LayerEpochs } else { $Epochs } }
        $interpreter = (Start-HyperDasTraining -Model $script:model -Dataset $dataset -Layer $At -Seed $With @option).Interpreter
        $mode = @{}
        if ($Row -like 'HyperDAS*') { $mode.SelectionMode = 'Soft', 'OneToMany', 'OneToOne' }
        $scores = Measure-RavelScore -Interpreter $interpreter -Dataset $dataset -Split $Part -OutputPath $file @mode
        Remove-HyperDasModel -Interpreter $interpreter
    }
    foreach ($score in $scores) {
        if ($score.Attribute -eq '(all)') {
            "$Row, $In, layer $At, seed $With, $Part, $($score.SelectionMode), $($score.Wording): $score"
        }
    }
}

# Of a run, by selection mode and wording: cause, isolate and disentangle of the mean over attributes, and the attribute whose cause is
# lowest (of absent things, highest).
function Read-Run([string] $File) {
    $means = @{}
    foreach ($score in Get-Content -LiteralPath $File -Raw | ConvertFrom-Json | Where-Object attribute -EQ '(all)') {
        $wording = if ($score.PSObject.Properties['wording']) { $score.wording } else { 'trained' }
        $means["$($score.selectionMode) $wording"] = @{
            Triple = @($score.cause, $score.isolate, (($score.cause + $score.isolate) / 2)); Worst = $score.worstCause
        }
    }
    $means
}

# Mean of [cause, isolate, disentangle] triples.
function Get-Mean($Triples) {
    $sum = 0.0, 0.0, 0.0
    foreach ($triple in $Triples) { foreach ($i in 0..2) { $sum[$i] += $triple[$i] / $Triples.Count } }
    , $sum
}

# "cause / isolate / disentangle plus or minus half the range of disentangle over seeds".
function Format-Cell($Triples) {
    if ($Triples.Count -eq 0) { return '' }
    $mean = Get-Mean $Triples
    $range = $Triples | ForEach-Object { $_[2] } | Measure-Object -Minimum -Maximum
    $spread = if ($Triples.Count -gt 1) {
        [string]::Format($invariant, " `u{00B1} {0:F1}", ($range.Maximum - $range.Minimum) / 2) } else { '' }
    [string]::Format($invariant, '{0:F1} / {1:F1} / **{2:F1}**', $mean[0], $mean[1], $mean[2]) + $spread
}

$script:model = $null
$script:datasets = @{}

# The layer of each row.
$chosen = @{}
foreach ($row in $Name) {
    $decides = if ($row -like 'HyperDAS*') { 'HyperDAS' } else { $row }
    $best = -1
    foreach ($at in $Layer) {
        Invoke-Run $decides 'city' $at 1 'Val'
        $value = Get-Value (Get-File $decides 'city' $at 1 'Val')
        if ($value -gt $best) { $best = $value; $chosen[$row] = $at }
    }
}

foreach ($with in $Seed) {
    foreach ($row in $Name) {
        foreach ($in in $Domain) {
            if ($with -eq $Seed[0] -or $row -notin $seedless) { Invoke-Run $row $in $chosen[$row] $with 'Test' }
        }
    }
}
if ($script:model) { Remove-HyperDasModel -Model $script:model }
if (-not $DocumentPath) { return }

# Mean over seeds, and half the distance between the largest and the smallest, for each domain and for the mean of domains.
$DocumentPath = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($DocumentPath)
$lines = [System.Collections.Generic.List[string]]::new()
$records = [System.Collections.Generic.List[string]]::new()
$lines.Add('| method | selection | layer | ' + ($Domain -join ' | ') + ' | mean of domains |')
$lines.Add('|---|---|---|' + ('---|' * ($Domain.Count + 1)))
foreach ($row in $Name) {
    $modes = if ($row -like 'HyperDAS*') { 'soft', 'oneToMany', 'oneToOne' } else { , 'soft' }
    foreach ($mode in $modes) {
        $cells = [System.Collections.Generic.List[string]]::new()
        $bySeed = @{}
        foreach ($in in $Domain) {
            $figures = [System.Collections.Generic.List[object]]::new()
            foreach ($with in $Seed) {
                $file = Get-File $row $in $chosen[$row] $with 'Test'
                if (-not (Test-Path -LiteralPath $file)) { continue }
                $run = Read-Run $file
                $figures.Add($run["$mode trained"].Triple)
                if (-not $bySeed.ContainsKey($with)) { $bySeed[$with] = [System.Collections.Generic.List[object]]::new() }
                $bySeed[$with].Add($run["$mode trained"].Triple)
                foreach ($wording in 'trained', 'unseen', 'absent') {
                    if (-not $run.ContainsKey("$mode $wording")) { continue }
                    $mean = $run["$mode $wording"]
                    $records.Add([string]::Format($invariant,
                            ('  {{ "method": "{0}", "selection": "{1}", "wording": "{2}", "domain": "{3}", "seed": {4}, "layer": {5}, ' +
                            '"cause": {6:F2}, "isolate": {7:F2}, "disentangle": {8:F2}, "worstCause": {9:F2} }}'),
                            $row, $mode, $wording, $in, $with, $chosen[$row], $mean.Triple[0], $mean.Triple[1], $mean.Triple[2],
                            $mean.Worst))
                }
            }
            $cells.Add((Format-Cell $figures))
        }
        $whole = [System.Collections.Generic.List[object]]::new()
        foreach ($with in $Seed) {
            if ($bySeed.ContainsKey($with) -and $bySeed[$with].Count -eq $Domain.Count) { $whole.Add((Get-Mean $bySeed[$with])) }
        }
        $cells.Add((Format-Cell $whole))
        $lines.Add("| $row | $mode | $($chosen[$row]) | " + ($cells -join ' | ') + ' |')
    }
}

# By wording, one-to-one: disentangle and, in brackets, the worst attribute's cause, the lowest of all seeds; of absent things the share of
# answers that changed, of cause and of isolate rows.
$lines.Add('')
$lines.Add('| method | wording | ' + ($Domain -join ' | ') + ' |')
$lines.Add('|---|---|' + ('---|' * $Domain.Count))
foreach ($row in $Name | Where-Object { $_ -like 'HyperDAS*' }) {
    foreach ($wording in 'trained', 'unseen', 'absent') {
        $cells = foreach ($in in $Domain) {
            $runs = @(foreach ($with in $Seed) {
                    $file = Get-File $row $in $chosen[$row] $with 'Test'
                    if (Test-Path -LiteralPath $file) { (Read-Run $file)["oneToOne $wording"] }
                })
            if ($runs.Count -eq 0) { ''; continue }
            $mean = Get-Mean @($runs | ForEach-Object { , $_.Triple })
            $worst = ($runs | ForEach-Object { $_.Worst } | Measure-Object -Minimum).Minimum
            if ($wording -eq 'absent') { [string]::Format($invariant, '{0:F1} / {1:F1}', $mean[0], 100 - $mean[1]) }
            else { [string]::Format($invariant, '**{0:F1}** ({1:F0})', $mean[2], $worst) }
        }
        $lines.Add("| $row | $wording | " + ($cells -join ' | ') + ' |')
    }
}
[void] (New-Item -ItemType Directory -Path $DocumentPath -Force)
[System.IO.File]::WriteAllText([System.IO.Path]::Combine($DocumentPath, 'results-table.md'), ($lines -join "`n") + "`n")
[System.IO.File]::WriteAllText([System.IO.Path]::Combine($DocumentPath, 'results.json'), "[`n" + ($records -join ",`n") + "`n]`n")
$lines
