namespace HyperDas;

/// <summary>
/// What the training pairs of a dataset are drawn from. It lives as long as the process: a dataset that was exported, or passed on by a
/// job, has its rows only.
/// </summary>
/// <param name="Domains">The domains, with their templates and descriptions.</param>
/// <param name="KnownFacts">Facts of the training split that the target model answers: domain, entity, template.</param>
/// <param name="Options">What the dataset was built with.</param>
/// <param name="PairCount">Different pairs of base fact and source entity that there are for the target attributes.</param>
internal sealed record RavelPairPool(
    IReadOnlyList<RavelDomain> Domains,
    IReadOnlySet<(string Domain, string Entity, string Template)> KnownFacts,
    RavelBuildOptions Options,
    long PairCount);
