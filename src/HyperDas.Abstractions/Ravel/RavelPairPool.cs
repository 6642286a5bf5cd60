namespace HyperDas;

/// <summary>
/// The source of a dataset's training pairs. It exists only in this process: a dataset that was exported, or passed on by a job, has only
/// its rows.
/// </summary>
/// <param name="Domains">The domains, with their templates and descriptions.</param>
/// <param name="KnownFacts">Facts of the training split that the target model answers: domain, entity, template.</param>
/// <param name="Options">Options of the dataset.</param>
/// <param name="PairCount">Number of different pairs of base fact and source entity for the target attributes.</param>
internal sealed record RavelPairPool(
    IReadOnlyList<RavelDomain> Domains,
    IReadOnlySet<(string Domain, string Entity, string Template)> KnownFacts,
    RavelBuildOptions Options,
    long PairCount);
