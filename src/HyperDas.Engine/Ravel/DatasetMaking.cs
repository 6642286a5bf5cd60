using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel.Instances;

namespace HyperDas.Engine.Ravel;

/// <summary>Builds datasets; called by <c>New-RavelDataset</c> and experiments.</summary>
public static class DatasetMaking
{
    /// <summary>Builds a dataset from facts that a target model knows.</summary>
    /// <param name="model">The target model, which is queried.</param>
    /// <param name="request">The requested examples.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>The dataset with its provenance.</returns>
    /// <exception cref="HyperDasException">
    /// <c>ModelDisposed</c>, <c>AttributeNotFound</c>, <c>DatasetImpossible</c>, <c>DatasetOptionsInvalid</c>; <c>TimeZoneNotFound</c>.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static RavelDataset Make(
        LanguageModel model, DatasetRequest request, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default) =>
        Make(model, request, new ModelFactOracle(model), Completions(model, request), progress, cancellation);

    /// <summary>Builds a dataset with answers from other sources than the target model itself.</summary>
    /// <param name="model">The target model, whose tokenizer determines which examples are short enough.</param>
    /// <param name="request">The requested examples.</param>
    /// <param name="facts">Source of known facts for HyperDAS's builder.</param>
    /// <param name="completions">Source of completions for RAVEL's builder.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <exception cref="HyperDasException">As the other overload.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static RavelDataset Make(
        LanguageModel model, DatasetRequest request, IFactOracle facts, ICompletionSource completions,
        IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        RavelDataset built = request.Instances is { } instances
            ? RavelInstanceBuilder.Build(request.Domains, model.Tokenizer, completions, instances, progress, cancellation)
            : RavelDatasetBuilder.Build(
                request.Domains, model.Tokenizer, new FactFilter(facts), request.Pairs, progress, cancellation);
        built = built with
        {
            Provenance = DatasetProvenance.Of(
                request.Builder, model, request.Domains, request.Upsampling, request.Instances?.TimeZoneDate),
        };
        return request.Upsampling == RavelUpsampling.LargestDomain
            ? RavelUpsampler.ToLargestDomain(built, request.Settings.Seed)
            : built;
    }

    /// <summary>Completions by the model itself, for prompts up to the length limit of examples.</summary>
    /// <param name="model">The target model.</param>
    /// <param name="request">The requested examples.</param>
    internal static ModelCompletions Completions(LanguageModel model, DatasetRequest request) =>
        new(model, maxPromptTokens: request.Settings.MaxTokens);
}
