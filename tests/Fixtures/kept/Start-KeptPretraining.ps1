# hyperdas tests/Fixtures/kept/Start-KeptPretraining.ps1 -Path FOLDER: a pretraining on a few facts that goes on where it was killed.
param([string] $Path)
. "$PSScriptRoot/../../Pester/common.ps1"

$all = Import-RavelDataset $ravelPath -Domain city
[HyperDas.RavelTemplate[]] $templates = $all.Templates | Where-Object Attribute -EQ Country
$few = [HyperDas.RavelDomain]::new('city', $all.Path, [string[]] 'Country', [HyperDas.RavelEntity[]] $all.Entities[0..9], $templates, [HyperDas.RavelDistractor[]] $all.Distractors[0..2])
$tiny = @{ HiddenSize = 16; BlockCount = 2; VocabularySize = 300; Tokens = 30000; LearningRate = 1e-2 }
$option = @{ HeadCount = 2; KeyValueHeadCount = 1; InnerSize = 24; ReadingLayer = 1; BatchTokens = 512 }
$null = $few | Start-HyperDasPretraining $Path @tiny -PretrainingOption $option -StatePath "$Path/state" -CheckpointInterval 1 -ErrorAction Stop
