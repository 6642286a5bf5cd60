using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;

namespace HyperDas.Engine.Training;

/// <summary>A remark about a training before it begins.</summary>
/// <param name="Text">A sentence.</param>
/// <param name="IsWarning">Whether it may be unintended.</param>
public sealed record TrainingRemark(string Text, bool IsWarning)
{
    /// <summary>Remarks about a training: omitted examples, options that depend on the target's size, and its initialisation.</summary>
    /// <param name="request">The training, before <see cref="TrainingRequest.Settled"/>.</param>
    /// <param name="cancellation">Checked at every example, unless they are already tokenised.</param>
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

    // Settings of a training are chosen for each training; the interpreter's parts should be the same.
    private static IEnumerable<TrainingRemark> OfStart(TrainingStart start, TrainingRequest request)
    {
        yield return new TrainingRemark($"The hypernetwork starts from the parameters of {start.Name}.", IsWarning: false);
        if (start.DifferencesTo((HypernetworkOptions)request.Method) is { Count: > 0 } made)
        {
            yield return new TrainingRemark(
                $"The training starts from {start.Name} with different interpreter options: {string.Join(", ", made)}.",
                IsWarning: true);
        }
        if (start.DifferencesTo(request.Options) is { Count: > 0 } trained)
        {
            yield return new TrainingRemark(
                $"Its training options differ from those of {start.Name}: {string.Join(", ", trained)}.", IsWarning: false);
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
