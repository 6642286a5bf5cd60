using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training.States;

namespace HyperDas.Engine.Training;

/// <summary>Common base of the ways of training that learn each concept separately.</summary>
/// <param name="request">The training.</param>
internal abstract class ConceptWay(TrainingRequest request) : TrainingWay(request)
{
    /// <summary>Cursor of a state: the number of finished concepts.</summary>
    protected const string FinishedConcepts = "finishedConcepts";

    /// <summary>The usable training examples.</summary>
    protected IReadOnlyList<(RavelExample Example, TokenizedExample Tokens)> Examples { get; private set; } = [];

    /// <summary>Whether each epoch has its own pairs.</summary>
    protected bool AreDrawnAnew { get; private set; }

    /// <summary>Tokenises examples.</summary>
    protected RavelCollator Collator => new(Request.Model.Tokenizer, Description.Collation(Request.Method), Request.Dataset);

    /// <inheritdoc/>
    public sealed override Interpreter Begin(CancellationToken cancellation)
    {
        if ((Request.From?.Name ?? Options.From) is { } from)
        {
            throw new HyperDasException(
                "OptionInvalid", HyperDasErrorKind.InvalidArgument,
                $"From is '{from}'; it must be null for {Request.Method.Method}, because only a HyperDas training can start from an interpreter.",
                Options);
        }
        bool isolate = Description.LearnsFromIsolate(Request.Method);
        Examples =
        [
            .. Request.Rows(cancellation).Usable
                .Where(row => row.Example.Wording != RavelWording.Absent && (row.Tokens.IsCause || isolate))
        ];
        if (Description.TrainingSettings.Contains(nameof(TrainingOptions.DrawAnew)))
        {
            AreDrawnAnew = Options.DrawAnew && Options.Epochs > 1 && Request.Dataset.Pool is not null;
            // Options without anything to apply to are reset, also in the state's fingerprint.
            Options = Options with { DrawAnew = AreDrawnAnew };
        }
        ConceptKey[] concepts = [.. Examples.Select(e => e.Tokens.Concept!).Distinct()];
        return concepts.Length > 0
            ? Description.Create(Request.Model, Request.Method, concepts, Options.Seed)
            : throw new HyperDasException(
                "DatasetEmpty", HyperDasErrorKind.InvalidArgument,
                $"The dataset '{Request.Dataset.Name}' has no training examples for {Request.Method.Method}.", Request.Dataset);
    }

    /// <inheritdoc/>
    public sealed override StateFingerprint Fingerprint(StateFingerprint fingerprint) =>
        fingerprint.AddContent("Dataset", Request.Dataset.Train).AddDomains(Request.Domains ?? [])
            .AddIf(AreDrawnAnew, f => f.AddPool(Request.Dataset.Pool!));

    /// <inheritdoc/>
    public sealed override void Train(
        Interpreter interpreter, ActivationCache cache, RunKeeper keeper, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        keeper.Restore(interpreter);
        Train((FixedPositionInterpreter)interpreter, cache, keeper, progress, cancellation);
    }

    /// <inheritdoc cref="TrainingWay.Train"/>
    protected abstract void Train(
        FixedPositionInterpreter interpreter, ActivationCache cache, RunKeeper keeper, IProgress<WorkProgress>? progress,
        CancellationToken cancellation);
}
