using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel.Instances;

namespace HyperDas.Engine.Ravel;

/// <summary>Makes datasets: what <c>New-RavelDataset</c> and experiments call.</summary>
public static class DatasetMaking
{
    /// <summary>Makes a dataset of what a target model knows.</summary>
    /// <param name="model">The target model; it is asked.</param>
    /// <param name="request">Which examples.</param>
    /// <param name="progress">Told where the work stands.</param>
    /// <param name="cancellation">Stops the work.</param>
    /// <returns>The dataset, with a note of where it comes from.</returns>
    /// <exception cref="HyperDasException">
    /// <c>ModelDisposed</c>, <c>AttributeNotFound</c>, <c>DatasetImpossible</c>, <c>DatasetOptionsInvalid</c>; <c>TimeZoneNotFound</c>.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static RavelDataset Make(
        LanguageModel model, DatasetRequest request, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default) =>
        Make(model, request, new ModelFactOracle(model), Completions(model, request), progress, cancellation);

    /// <summary>Makes a dataset of what somebody knows on a target model's behalf.</summary>
    /// <param name="model">The target model, whose tokenizer decides which examples are short enough.</param>
    /// <param name="request">Which examples.</param>
    /// <param name="facts">Who knows facts; HyperDAS's builder asks it.</param>
    /// <param name="completions">Who continues prompts; RAVEL's builder asks it.</param>
    /// <param name="progress">Told where the work stands.</param>
    /// <param name="cancellation">Stops the work.</param>
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
            ? RavelUpsampler.ToLargestDomain(built, request.Instances?.Seed ?? request.Pairs.Seed)
            : built;
    }

    /// <summary>Completions by the model itself, of prompts that are no longer than examples may be.</summary>
    /// <param name="model">The target model.</param>
    /// <param name="request">Which examples.</param>
    internal static ModelCompletions Completions(LanguageModel model, DatasetRequest request) =>
        new(model, maxPromptTokens: request.Instances?.MaxTokens ?? request.Pairs.MaxTokens);
}
