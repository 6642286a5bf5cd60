namespace HyperDas.Engine.Ravel;

/// <summary>Checks what both builders are asked for, before any model runs.</summary>
internal static class DatasetOptionCheck
{
    /// <summary>Throws for options that no dataset can be built with.</summary>
    /// <param name="domains">Domains of the benchmark.</param>
    /// <param name="options">Content of the dataset.</param>
    /// <exception cref="HyperDasException"><c>DatasetOptionsInvalid</c> or <c>AttributeNotFound</c>.</exception>
    public static void ThrowIfInvalid(IReadOnlyList<RavelDomain> domains, RavelDatasetOptions options)
    {
        const string errorId = "DatasetOptionsInvalid", before = "A dataset can't be built: ";
        if (domains.Count == 0)
        {
            throw new HyperDasException(errorId, HyperDasErrorKind.InvalidArgument, before + "no domain is specified.", options);
        }
        OptionLaw.ThrowIfBroken(options, errorId, before);
        string[] exist = [.. domains.SelectMany(domain => domain.Attributes).Distinct()];
        if (options.Attributes?.FirstOrDefault(attribute => !exist.Contains(attribute)) is string unknown)
        {
            throw new HyperDasException(
                "AttributeNotFound", HyperDasErrorKind.NotFound,
                $"No domain has the attribute '{unknown}'; the attributes are {string.Join(", ", exist)}.", unknown);
        }
    }
}
