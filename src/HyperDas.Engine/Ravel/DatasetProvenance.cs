using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel.Instances;

namespace HyperDas.Engine.Ravel;

/// <summary>Notes where a dataset comes from.</summary>
public static class DatasetProvenance
{
    /// <summary>The note for a dataset that was built here.</summary>
    /// <param name="builder">How the examples were made.</param>
    /// <param name="model">The target model.</param>
    /// <param name="domains">The domains they were made from.</param>
    /// <param name="upsampling">Whether smaller domains were brought up to the largest.</param>
    /// <param name="timeZoneDate">The day of the time zones' offsets; null where none was needed.</param>
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
