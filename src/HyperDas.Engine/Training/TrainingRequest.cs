using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training.States;

namespace HyperDas.Engine.Training;

/// <summary>What is to be trained on what. Nothing in it changes while a training runs.</summary>
/// <param name="Model">The target model; it belongs to the caller.</param>
/// <param name="Dataset">The examples.</param>
/// <param name="Method">What the interpreter consists of; decides the method.</param>
public sealed record TrainingRequest(LanguageModel Model, RavelDataset Dataset, MethodOptions Method)
{
    /// <summary>How it is trained; the method's defaults if left out.</summary>
    public TrainingOptions Options { get; init; } = MethodCatalog.Of(Method).DefaultTraining();

    /// <summary>
    /// The benchmark's domains, for methods that learn from them: all their training entities then count instead of the dataset's prompts.
    /// </summary>
    public IReadOnlyList<RavelDomain>? Domains { get; init; }

    /// <summary>
    /// The interpreter to start from; null: the one that the options name, or a start of the method's own. HyperDAS only.
    /// </summary>
    public TrainingStart? From { get; init; }

    /// <summary>File for metrics (JSON Lines), or null.</summary>
    public string? MetricsPath { get; init; }

    /// <summary>Where the training is kept and goes on from, or null. It belongs to the caller.</summary>
    public TrainingState? State { get; init; }

    private (RavelDataset Dataset, RavelCollatorOptions Collation, TokenizedRows Rows)? Tokens { get; init; }

    /// <summary>
    /// The same with its training examples tokenised, so that what is left out can be told before the training begins, and nothing is
    /// tokenised again when it does.
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
    /// <param name="cancellation">Checked at every example, unless they are tokenised already.</param>
    internal TokenizedRows Rows(CancellationToken cancellation) => Tokenized(cancellation).Tokens!.Value.Rows;

    /// <summary>The same with what isn't set decided by the target's size, see <see cref="CompactDefaults"/>.</summary>
    public TrainingRequest Settled() => this with
    {
        Method = CompactDefaults.Settle(Model.Config, Method),
        Options = CompactDefaults.Settle(Model.Config, Method, Options),
    };
}
