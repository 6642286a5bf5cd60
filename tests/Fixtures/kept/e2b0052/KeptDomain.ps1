# The few facts that the kept pretraining learned; dot-source it for $keptDomain.
[HyperDas.RavelEntity[]] $entities = foreach ($pair in ('Vienna', 'Austria'), ('Paris', 'France'), ('Oslo', 'Norway'), ('Rome', 'Italy'), ('Lima', 'Peru')) {
    $values = [System.Collections.Generic.Dictionary[string, string]]::new()
    $values['Country'] = $pair[1]
    [HyperDas.RavelEntity]::new($pair[0], 'Train', $values)
}
[HyperDas.RavelTemplate[]] $templates = [HyperDas.RavelTemplate]::new('%s is in', 'Country', 'Train'), [HyperDas.RavelTemplate]::new('%s lies in', 'Country', 'Test')
[HyperDas.RavelDistractor[]] $distractors = , [HyperDas.RavelDistractor]::new('I love Paris', 'Paris', 'Train')
$keptDomain = [HyperDas.RavelDomain]::new('city', 'kept', [string[]] 'Country', $entities, $templates, $distractors)
