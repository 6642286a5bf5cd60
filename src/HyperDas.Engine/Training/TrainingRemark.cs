using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Training;

/// <summary>Something to know of a training before it begins.</summary>
/// <param name="Text">A sentence.</param>
/// <param name="IsWarning">Whether it may not be what was meant.</param>
public sealed record TrainingRemark(string Text, bool IsWarning)
{
    /// <summary>
    /// Remarks on a training: examples that it leaves out, options that the target's size decides, and what it starts from.
    /// </summary>
    /// <param name="request">The training, not settled yet.</param>
    /// <param name="cancellation">Checked at every example, unless they are tokenised already.</param>
    public static IReadOnlyList<TrainingRemark> Of(TrainingRequest request, CancellationToken cancellation = default)
    {
        List<TrainingRemark> remarks = [];
        if (request.Rows(cancellation).Remark is { } unusable)
        {
            remarks.Add(new TrainingRemark(unusable, IsWarning: true));
        }
        if (CompactDefaults.Remark(request.Model.Config, request.Method) is { } compact)
        {
            remarks.Add(new TrainingRemark(compact, IsWarning: true));
        }
        if (CompactDefaults.Price(request.Model.Config, request.Method, request.Options) is { } price)
        {
            remarks.Add(new TrainingRemark(price, IsWarning: false));
        }
        request = request.Settled();
        remarks.AddRange(request.From is { } from ? OfStart(from, request) : OfStart(request.Method, request.Model));
        return remarks;
    }

    // Settings of a training are chosen for each; what the interpreter is made of should be as it was.
    private static IEnumerable<TrainingRemark> OfStart(TrainingStart start, TrainingRequest request)
    {
        yield return new TrainingRemark($"The hypernetwork starts from the parameters of {start.Name}.", IsWarning: false);
        if (start.DifferencesTo((HypernetworkOptions)request.Method) is { Count: > 0 } made)
        {
            yield return new TrainingRemark(
                $"The training starts from {start.Name} with other options of the interpreter: {string.Join(", ", made)}.",
                IsWarning: true);
        }
        if (start.DifferencesTo(request.Options) is { Count: > 0 } trained)
        {
            yield return new TrainingRemark(
                $"Its training differs from that of {start.Name}: {string.Join(", ", trained)}.", IsWarning: false);
        }
    }

    private static IEnumerable<TrainingRemark> OfStart(MethodOptions method, LanguageModel model)
    {
        if (MethodCatalog.Of(method).Start(method, model) is { } own)
        {
            yield return new TrainingRemark($"The hypernetwork starts from {own.Words}.", IsWarning: !own.IsAsked);
        }
    }
}
