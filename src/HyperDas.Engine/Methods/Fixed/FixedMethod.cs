using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Fixed;

/// <summary>A method with a fixed position: a module for each concept changes the hidden vector there.</summary>
/// <typeparam name="TOptions">The record of its options.</typeparam>
public abstract class FixedMethod<TOptions> : MethodDescription
    where TOptions : FixedMethodOptions
{
    /// <inheritdoc/>
    public override Learning Learning => Learning.ByConcept;

    /// <summary>What an interpreter of the method patches, for people.</summary>
    private protected virtual string Subspace => nameof(SubspaceKind.LowRank);

    /// <inheritdoc/>
    public sealed override RavelCollatorOptions Collation(MethodOptions options) => FixedPositionInterpreter.CollationOf((TOptions)options);

    /// <inheritdoc/>
    public sealed override void ThrowIfUnfit(MethodOptions options, LanguageModel target)
    {
        base.ThrowIfUnfit(options, target);
        ThrowIfTooLarge((TOptions)options, target.HiddenSize);
    }

    /// <inheritdoc/>
    public sealed override double StoredNumbers(MethodOptions options, LanguageModel target, IReadOnlyList<ConceptKey> concepts) =>
        StoredNumbers((TOptions)options, target.HiddenSize, concepts.Count, concepts.Select(c => c.Domain).Distinct().Count());

    /// <inheritdoc/>
    public sealed override Interpreter Create(LanguageModel target, MethodOptions options, IReadOnlyList<ConceptKey> concepts, long seed)
    {
        ThrowIfUnfit(options, target);
        return new FixedPositionInterpreter(target, (TOptions)options, Subspace, concepts, store =>
        {
            Func<ConceptKey, string, Generator, ConceptModule> maker = Maker((TOptions)options, store, target.HiddenSize);
            return [.. concepts.Select(concept =>
            {
                using Generator generator = new(new SeededRandom(seed, concept.ToString()).NextBits(), CPU);
                return maker(concept, FixedNames.Prefix(concept), generator);
            })];
        });
    }

    /// <summary>Training settings of methods that are trained by gradients.</summary>
    /// <param name="own">Settings of the method besides the common ones.</param>
    private protected static HashSet<string> ByGradient(params string[] own) =>
    [
        nameof(TrainingOptions.Epochs), nameof(TrainingOptions.BatchSize), nameof(TrainingOptions.MaxSteps),
        nameof(TrainingOptions.DecayFrom),
        nameof(TrainingOptions.CauseWeight), nameof(TrainingOptions.ClipNorm), nameof(TrainingOptions.GroupByLength),
        nameof(TrainingOptions.MomentFormat), nameof(TrainingOptions.Recompute), nameof(TrainingOptions.CacheBytes),
        nameof(TrainingOptions.MemoryLimit), nameof(TrainingOptions.DrawAnew), nameof(TrainingOptions.Seed), .. own,
    ];

    /// <summary>Throws for options that exceed the memory.</summary>
    /// <param name="options">The options.</param>
    /// <param name="dimension">d of the target model.</param>
    /// <exception cref="HyperDasException"><c>MemoryInsufficient</c>.</exception>
    private protected virtual void ThrowIfTooLarge(TOptions options, int dimension)
    {
    }

    /// <summary>Numbers that the modules register, without making them.</summary>
    /// <param name="options">The options.</param>
    /// <param name="dimension">d of the target model.</param>
    /// <param name="concepts">Number of concepts.</param>
    /// <param name="domains">Number of their domains.</param>
    private protected abstract double StoredNumbers(TOptions options, double dimension, double concepts, double domains);

    /// <summary>
    /// Gives what makes a concept's module from the concept, the prefix of its names on disk, and the source of its random start.
    /// </summary>
    /// <param name="options">The options.</param>
    /// <param name="store">Where the modules' state lives.</param>
    /// <param name="dimension">d of the target model.</param>
    private protected abstract Func<ConceptKey, string, Generator, ConceptModule> Maker(
        TOptions options, ParameterStore store, int dimension);

    /// <summary>Creates the parameters that the concepts of a domain share when the first concept needs them.</summary>
    /// <typeparam name="T">What is shared.</typeparam>
    /// <param name="made">Existing ones by domain.</param>
    /// <param name="concept">The concept that needs it.</param>
    /// <param name="make">Creates them with the prefix of their names on disk.</param>
    private protected static T Shared<T>(Dictionary<string, T> made, ConceptKey concept, Func<string, T> make)
    {
        if (!made.TryGetValue(concept.Domain, out T? shared))
        {
            made[concept.Domain] = shared = make(FixedNames.Prefix(concept.Domain));
        }
        return shared;
    }
}
