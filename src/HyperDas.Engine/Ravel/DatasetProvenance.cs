using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel.Instances;

namespace HyperDas.Engine.Ravel;

/// <summary>Records the provenance of a dataset.</summary>
public static class DatasetProvenance
{
    /// <summary>The provenance of a dataset that was built here.</summary>
    /// <param name="builder">The builder of the examples.</param>
    /// <param name="model">The target model.</param>
    /// <param name="domains">The domains from which it was built.</param>
    /// <param name="upsampling">Whether smaller domains were upsampled to the largest.</param>
    /// <param name="timeZoneDate">The date of the time zones' offsets; null where none was needed.</param>
    public static RavelProvenance Of(
        RavelBuilder builder, LanguageModel model, IEnumerable<RavelDomain> domains,
        RavelUpsampling upsampling = RavelUpsampling.None, DateOnly? timeZoneDate = null) => new()
        {
            Builder = builder,
            SourceFiles = [.. domains.SelectMany(domain => domain.SourceFiles)],
            Model = model.Name,
            ModelFingerprint = model.Fingerprint,
            TokenizerFingerprint = model.Tokenizer.Fingerprint,
            Upsampling = upsampling,
            TimeZoneDate = timeZoneDate,
            TimeZoneEdition = timeZoneDate is null ? null : UtcOffset.Edition,
        };
}
