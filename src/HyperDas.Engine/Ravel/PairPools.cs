namespace HyperDas.Engine.Ravel;

/// <summary>Creates pools of training pairs from the facts that were tested while building a dataset.</summary>
internal static class PairPools
{
    // All remaining facts are tested if they are at most this many times those that the rows needed.
    private const int MostPerAsked = 4;

    /// <summary>Creates the pool of a dataset.</summary>
    /// <param name="domains">Its domains.</param>
    /// <param name="facts">The facts that the target model knows; more may be tested.</param>
    /// <param name="options">The options with which the dataset was built.</param>
    /// <param name="progress">Receives the number of facts tested.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    internal static RavelPairPool Of(
        IReadOnlyList<RavelDomain> domains, FactFilter facts, RavelBuildOptions options, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        HashSet<(string, string, string)> known = [];
        long asked = facts.Counts.Sum(count => (long)count.Tested), pairs = 0;
        foreach (RavelDomain domain in domains)
        {
            bool all = options.EntitySplit == RavelEntitySplit.Both;
            RavelTemplate[] templates =
                [.. domain.Templates.Where(t => t.Split == RavelSplit.Train && domain.Attributes.Contains(t.Attribute))];
            RavelEntity[] entities = [.. domain.Entities.Where(e => all || e.Split == RavelSplit.Train)];
            if ((long)templates.Length * entities.Length <= MostPerAsked * asked)
            {
                facts.Check(
                    domain, templates.SelectMany(template => entities.Select(entity => (entity, template))), progress, cancellation);
            }
            string[] targets = [.. domain.Attributes.Where(name => options.Attributes is null || options.Attributes.Contains(name))];
            foreach (RavelTemplate template in templates)
            {
                RavelEntity[] own = [.. entities.Where(entity => facts.Knows(domain, entity, template))];
                known.UnionWith(own.Select(entity => (domain.Name, entity.Name, template.Text)));
                bool target = targets.Contains(template.Attribute);
                // A swap needs both facts, an isolate example only the base's; and each counts for every target that it serves.
                pairs += (target ? Pairs(own, own, template.Attribute) : 0)
                    + ((targets.Length - (target ? 1 : 0)) * Pairs(own, entities, template.Attribute));
            }
        }
        return new RavelPairPool(domains, known, options, pairs);
    }

    // Pairs with different values: all with a value, minus those with the same one.
    private static long Pairs(RavelEntity[] bases, RavelEntity[] sources, string attribute)
    {
        Dictionary<string, int> values = new(StringComparer.OrdinalIgnoreCase);
        int all = 0;
        foreach (string value in sources.Select(source => source.Values.GetValueOrDefault(attribute, "")).Where(value => value.Length > 0))
        {
            all++;
            values[value] = values.GetValueOrDefault(value) + 1;
        }
        return bases.Select(@base => @base.Values[attribute]).Sum(value => (long)all
            - values.GetValueOrDefault(value) - values.GetValueOrDefault(value + "s")
            - (value.EndsWith('s') || value.EndsWith('S') ? values.GetValueOrDefault(value[..^1]) : 0));
    }
}
