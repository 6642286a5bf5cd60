using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Training.Pretraining;

/// <summary>Tests which of the benchmark's facts a target model knows.</summary>
public static class FactCheck
{
    /// <summary>Fraction of facts that the model answers in trained and in held-out templates.</summary>
    /// <param name="model">The model.</param>
    /// <param name="domain">The domain.</param>
    /// <param name="stride">Tests only every n-th fact; 1 for all.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <exception cref="HyperDasException"><c>ModelDisposed</c>, <c>TokenizerUnsupported</c>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static FactAccuracy Measure(
        LanguageModel model, RavelDomain domain, int stride = 1, CancellationToken cancellation = default) => new(
        domain.Name,
        Share(model, domain, split => split == RavelSplit.Train, stride, cancellation),
        Share(model, domain, split => split != RavelSplit.Train, stride, cancellation));

    private static double Share(
        LanguageModel model, RavelDomain domain, Func<RavelSplit, bool> wanted, int stride, CancellationToken cancellation)
    {
        Fact[] facts =
        [
            .. PretrainingCorpus.Facts(domain, wanted).Where((_, i) => i % stride == 0).Select(f => new Fact(
                f.Template.Text.Replace(PretrainingTextEncoder.Slot, f.Entity.Name, StringComparison.Ordinal),
                f.Entity.Values[f.Template.Attribute])),
        ];
        return 100.0 * new ModelFactOracle(model).Knows(facts, cancellation).Count(known => known) / facts.Length;
    }
}
