using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training.States;

namespace HyperDas.Engine.Training;

/// <summary>Everything that defines a training. It doesn't change while a training runs.</summary>
/// <param name="Model">The target model; it belongs to the caller.</param>
/// <param name="Dataset">The examples.</param>
/// <param name="Method">Parts of the interpreter; determines the method.</param>
public sealed record TrainingRequest(LanguageModel Model, RavelDataset Dataset, MethodOptions Method)
{
    /// <summary>Options of the training; the method's defaults if omitted.</summary>
    public TrainingOptions Options { get; init; } = MethodCatalog.Of(Method).DefaultTraining();

    /// <summary>
    /// The benchmark's domains, for methods that can be fitted to them: all their training entities are then used instead of the dataset's
    /// prompts.
    /// </summary>
    public IReadOnlyList<RavelDomain>? Domains { get; init; }

    /// <summary>
    /// The interpreter to start from; null for the one in the options, or the method's own initialisation. HyperDAS only.
    /// </summary>
    public TrainingStart? From { get; init; }

    /// <summary>File for metrics (JSON Lines), or null.</summary>
    public string? MetricsPath { get; init; }

    /// <summary>The training's state, from which it resumes, or null. It belongs to the caller.</summary>
    public TrainingState? State { get; init; }

    private (RavelDataset Dataset, RavelCollatorOptions Collation, TokenizedRows Rows)? Tokens { get; init; }

    /// <summary>
    /// The same request with tokenised training examples, so omitted ones can be reported before the training begins, and nothing is
    /// tokenised twice.
    /// </summary>
    /// <param name="cancellation">Checked at every example.</param>
    public TrainingRequest Tokenized(CancellationToken cancellation = default)
    {
        RavelCollatorOptions collation = MethodCatalog.Of(Method).Collation(Method);
        return Tokens is { } known && ReferenceEquals(known.Dataset, Dataset) && known.Collation == collation ? this : this with
        {
            Tokens = (Dataset, collation, new RavelCollator(Model.Tokenizer, collation, Dataset).TokenizeRows(Dataset.Train, cancellation)),
        };
    }

    /// <summary>The training examples with their tokens.</summary>
    /// <param name="cancellation">Checked at every example, unless they are already tokenised.</param>
    internal TokenizedRows Rows(CancellationToken cancellation) => Tokenized(cancellation).Tokens!.Value.Rows;

    /// <summary>The same request with unset options determined by the target's size, see <see cref="CompactDefaults"/>.</summary>
    public TrainingRequest Settled() => this with
    {
        Method = CompactDefaults.Settle(Model.Config, Method),
        Options = CompactDefaults.Settle(Model.Config, Method, Options),
    };
}
