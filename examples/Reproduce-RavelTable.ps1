<#
.SYNOPSIS
Trains every method on every domain of the benchmark and writes the table: method, domain, cause, isolate, disentangle.

.DESCRIPTION
Scores are on templates that training never saw. Each run is one file of scores; a run whose file is there isn't repeated, so the script
goes on where it was stopped, and several processes can share the work by domain.

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
        'no intervention', 'full swap', 'PCA', 'SAE', 'RLAP', 'DBM', 'DAS', 'MDAS', 'HyperDAS faithful', 'HyperDAS', 'HyperDAS end bias',
        'HyperDAS question visible'),

    # Seeds of the trained methods.
    [long[]] $Seed = @(1, 2, 3),

    # Layers among which each row's layer is chosen, by the validation split of the city domain and seed 1, whatever is asked for: so
    # several processes that share the work choose the same.
    [int[]] $Layer = @(2, 3, 4),

    # Where results-table.md and results.json go; empty for none.
    [string] $DocumentPath = ''
)
$ErrorActionPreference = 'Stop'
$OutputPath = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($OutputPath)
[void] (New-Item -ItemType Directory -Path $OutputPath -Force)
$invariant = [System.Globalization.CultureInfo]::InvariantCulture

# What each row trains. HyperDAS is trained for the benchmark alone here: no example is shown beyond its entity, as for the other methods.
# The original's learning rate of 4e-5 is for Llama-3-8B and learns little in a thousand steps on so small a target.
$rows = @{
    'PCA'               = @{ Method = 'Pca' }
    'SAE'               = @{ Method = 'Sae' }
    'RLAP'              = @{ Method = 'Rlap' }
    'DBM'               = @{ Method = 'Dbm' }
    'DAS'               = @{ Method = 'Das'; FeatureDimension = 32 }
    'MDAS'              = @{ Method = 'Mdas'; FeatureDimension = 32 }
    'HyperDAS faithful' = @{ Faithful = $true; FeatureDimension = 32; LearningRate = 1e-3 }
    'HyperDAS'          = @{ TrainingOption = @{ WholePromptShare = 0 } }
    # Knows where visible prompts end, which is where entities stand here.
    'HyperDAS end bias' = @{ TrainingOption = @{ WholePromptShare = 0 }; MethodOption = @{ EndBias = $true } }
    # Sees what the base prompt asks for, and may leave it alone for that reason: docs/trials.md, "What the interpreter knows".
    'HyperDAS question visible' = @{ TrainingOption = @{ WholePromptShare = 0 }; MethodOption = @{ BaseSuffixVisible = $true } }
}
# Shares of examples whose base is shown at the entity only, among which a row's share is chosen for each domain by its validation split
# and seed 1: docs/trials.md, "What the interpreter knows".
$shares = @{ 'HyperDAS end bias' = 0.0, 0.5, 1.0 }
$references = @{ 'no intervention' = 'NoIntervention'; 'full swap' = 'FullSwap' }
# Rows whose result doesn't depend on a seed.
$seedless = @('no intervention', 'full swap', 'PCA')

function Get-Stem([string] $Row, [string] $In, [int] $At, [long] $With, $Share) {
    $shown = if ($null -eq $Share) { '' } else { [string]::Format($invariant, '.share{0}', $Share) }
    [System.IO.Path]::Combine($OutputPath,
        ('{0}.{1}.layer{2}.seed{3}{4}' -f $Row.Replace(' ', '-'), $In, $At, $With, $shown).ToLowerInvariant())
}

function Get-File([string] $Row, [string] $In, [int] $At, [long] $With, [string] $Part, $Share) {
    (Get-Stem $Row $In $At $With $Share) + ".$($Part.ToLowerInvariant()).json"
}

# The number that layers and shares are chosen by: HyperDAS's one-to-one score.
function Get-Value([string] $File) {
    $means = Read-Run $File
    if ($means.ContainsKey('oneToOne')) { $means['oneToOne'][2] } else { $means['soft'][2] }
}

# The share of a row in a domain, null where there is nothing to choose.
function Get-Share([string] $Row, [string] $In, [int] $At) {
    if (-not $shares.ContainsKey($Row)) { return $null }
    $best = -1
    foreach ($one in $shares[$Row]) {
        foreach ($line in Invoke-Run $Row $In $At 1 'Val' $one) { $Host.UI.WriteLine($line) }
        $value = Get-Value (Get-File $Row $In $At 1 'Val' $one)
        if ($value -gt $best) { $best = $value; $share = $one }
    }
    $share
}

# The scores of a run, trained if its file isn't there.
function Invoke-Run([string] $Row, [string] $In, [int] $At, [long] $With, [string] $Part, $Share) {
    $file = Get-File $Row $In $At $With $Part $Share
    if (Test-Path -LiteralPath $file) { return }
    if (-not $script:model) { $script:model = Import-HyperDasModel -Path $Target }
    if (-not $script:datasets.ContainsKey($In)) {
        $script:datasets[$In] = Import-RavelDataset -Path $Data -Domain $In | New-RavelDataset -Model $script:model
    }
    $dataset = $script:datasets[$In]
    if ($references.ContainsKey($Row)) {
        $scores = Measure-RavelScore -Model $script:model -Layer $At -Reference $references[$Row] -Dataset $dataset `
            -Split $Part -OutputPath $file
    }
    else {
        $option = $rows[$Row].Clone()
        # A row with a choice of shares is scored on both splits: its interpreter is kept from one to the other.
        $kept = (Get-Stem $Row $In $At $With $Share) + '.interpreter'
        if ($null -ne $Share) {
            $option.TrainingOption = $option.TrainingOption + @{ EntityOnlyShare = $Share }
            $option.OutputPath = $kept
            $option.Force = $true
        }
        $interpreter = if (Test-Path -LiteralPath "$kept/interpreter.json") { Import-HyperDasModel -Interpreter $kept -Model $script:model }
        else { (Start-HyperDasTraining -Model $script:model -Dataset $dataset -Layer $At -Seed $With @option).Interpreter }
        $mode = @{}
        if ($Row -like 'HyperDAS*') { $mode.SelectionMode = 'Soft', 'OneToMany', 'OneToOne' }
        $scores = Measure-RavelScore -Interpreter $interpreter -Dataset $dataset -Split $Part -OutputPath $file @mode
        Remove-HyperDasModel -Interpreter $interpreter
    }
    foreach ($score in $scores) {
        if ($score.Attribute -eq '(all)') { "$Row, $In, layer $At, seed $With, $Part, $($score.SelectionMode): $score" }
    }
}

# Cause, isolate and disentangle of a run's mean over attributes, by selection mode.
function Read-Run([string] $File) {
    $means = @{}
    foreach ($score in Get-Content -LiteralPath $File -Raw | ConvertFrom-Json | Where-Object attribute -EQ '(all)') {
        $means[$score.selectionMode] = @($score.cause, $score.isolate, (($score.cause + $score.isolate) / 2))
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
    $best = -1
    foreach ($at in $Layer) {
        $first = if ($shares.ContainsKey($row)) { $shares[$row][0] } else { $null }
        Invoke-Run $row 'city' $at 1 'Val' $first
        $value = Get-Value (Get-File $row 'city' $at 1 'Val' $first)
        if ($value -gt $best) { $best = $value; $chosen[$row] = $at }
    }
}

foreach ($with in $Seed) {
    foreach ($in in $Domain) {
        foreach ($row in $Name) {
            if ($with -eq $Seed[0] -or $row -notin $seedless) {
                Invoke-Run $row $in $chosen[$row] $with 'Test' (Get-Share $row $in $chosen[$row]) }
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
            $share = Get-Share $row $in $chosen[$row]
            $figures = [System.Collections.Generic.List[object]]::new()
            foreach ($with in $Seed) {
                $file = Get-File $row $in $chosen[$row] $with 'Test' $share
                if (-not (Test-Path -LiteralPath $file)) { continue }
                $mean = (Read-Run $file)[$mode]
                $figures.Add($mean)
                if (-not $bySeed.ContainsKey($with)) { $bySeed[$with] = [System.Collections.Generic.List[object]]::new() }
                $bySeed[$with].Add($mean)
                $records.Add([string]::Format($invariant,
                        '  {{ "method": "{0}", "selection": "{1}", "domain": "{2}", "seed": {3}, "layer": {4}, "cause": {5:F2}, "isolate": {6:F2}, "disentangle": {7:F2} }}',
                        $row, $mode, $in, $with, $chosen[$row], $mean[0], $mean[1], $mean[2]))
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
[void] (New-Item -ItemType Directory -Path $DocumentPath -Force)
[System.IO.File]::WriteAllText([System.IO.Path]::Combine($DocumentPath, 'results-table.md'), ($lines -join "`n") + "`n")
[System.IO.File]::WriteAllText([System.IO.Path]::Combine($DocumentPath, 'results.json'), "[`n" + ($records -join ",`n") + "`n]`n")
$lines
