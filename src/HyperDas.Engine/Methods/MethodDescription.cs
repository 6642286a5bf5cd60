using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Methods;

/// <summary>How a method comes by its parameters.</summary>
public enum Learning
{
    /// <summary>One training on the examples of all concepts together.</summary>
    Together,

    /// <summary>A training for each concept, on its own examples.</summary>
    ByConcept,

    /// <summary>Fitted to hidden vectors of entities, without running the model under interventions.</summary>
    Fitted,
}

/// <summary>
/// All that the rest of the engine, the cmdlets, documents, the schema and completion know of a method. <see cref="MethodCatalog"/> has one
/// for each; its options are a record of its own.
/// </summary>
public abstract class MethodDescription
{
    private static readonly Dictionary<string, string> s_noAliases = [];

    /// <summary>The method.</summary>
    public abstract InterpreterMethod Method { get; }

    /// <summary>How it learns.</summary>
    public abstract Learning Learning { get; }

    /// <summary>The record that holds its options.</summary>
    public Type OptionsType => MethodOptions.TypeOf(Method);

    /// <summary>
    /// Names of the properties of <see cref="TrainingOptions"/> that change what it learns; the others have no meaning for it.
    /// </summary>
    public abstract IReadOnlySet<string> TrainingSettings { get; }

    /// <summary>
    /// What common names of settings stand for, where the method's own name is another: of a learning rate that of what it learns.
    /// </summary>
    public virtual IReadOnlyDictionary<string, string> Aliases => s_noAliases;

    /// <summary>Whether there are values of an original to be faithful to.</summary>
    public virtual bool HasFaithful => false;

    /// <summary>Whether it can learn from domains of the benchmark beside the examples.</summary>
    public virtual bool LearnsFromDomains => false;

    /// <summary>
    /// Whether it reads how concepts are described; otherwise it learns the dataset's attributes one by one, whatever they are called.
    /// </summary>
    public virtual bool ReadsDescriptions => false;

    /// <summary>Options where nothing is said.</summary>
    /// <param name="layer">Intervention layer ℓ.</param>
    /// <param name="faithful">Take the original's values.</param>
    public virtual MethodOptions Defaults(int layer, bool faithful = false) =>
        (MethodOptions)Activator.CreateInstance(OptionsType)! with { Layer = layer };

    /// <summary>How it is trained where nothing is said.</summary>
    /// <param name="faithful">Take the original's values.</param>
    public TrainingOptions DefaultTraining(bool faithful = false)
    {
        TrainingOptions defaults = Defaults(0).DefaultTraining();
        return faithful && HasFaithful ? defaults.Faithful() : defaults;
    }

    /// <summary>
    /// Where a setting belongs that was given by its name alone: the method's own options first, then those of the training.
    /// </summary>
    /// <param name="name">Name of a property, or one of <see cref="Aliases"/>.</param>
    /// <returns>The property's name, and whether it is one of the training; null where the method has no such setting.</returns>
    public (string Property, bool IsTraining)? Setting(string name)
    {
        string property = Aliases.GetValueOrDefault(name, name);
        return OptionsType.GetProperty(property) is { CanWrite: true } ? (property, false)
            : TrainingSettings.Contains(property) ? (property, true)
            : null;
    }

    /// <summary>Whether something that is said of trainings means anything for the method.</summary>
    /// <param name="name">A setting, see <see cref="Setting"/>, or <c>Faithful</c> or <c>Domain</c>.</param>
    public bool Knows(string name) => name switch
    {
        "Faithful" => HasFaithful,
        "Domain" => LearnsFromDomains,
        _ => Setting(name) is not null,
    };

    /// <summary>Settings of a training that the method doesn't have and that were changed all the same: they would move nothing.</summary>
    /// <param name="training">How an interpreter is to be trained.</param>
    public IReadOnlyList<OptionFault> Unused(TrainingOptions training)
    {
        TrainingOptions own = DefaultTraining(), common = new();
        return
        [
            .. typeof(TrainingOptions).GetProperties().Where(p => p.CanWrite && !TrainingSettings.Contains(p.Name))
                .Select(p => (p.Name, Value: p.GetValue(training), Own: p.GetValue(own), Common: p.GetValue(common)))
                .Where(p => !Equals(p.Value, p.Own) && !Equals(p.Value, p.Common))
                .Select(p => new OptionFault(
                    p.Name, p.Value, $"left out for {Method}, which doesn't have it")),
        ];
    }

    /// <summary>
    /// Refuses settings that are wrong by themselves, together, or for the method; what only the target model can decide comes later.
    /// </summary>
    /// <param name="options">What the interpreter consists of.</param>
    /// <param name="training">How it is trained.</param>
    /// <exception cref="HyperDasException"><c>LayerInvalid</c>, <c>OptionInvalid</c>.</exception>
    public void ThrowIfBroken(MethodOptions options, TrainingOptions training)
    {
        OptionFault[] faults = [.. OptionLaw.Faults(options), .. OptionLaw.Faults(training), .. Unused(training)];
        if (faults is [OptionFault first, ..])
        {
            throw new HyperDasException(
                first.Option == nameof(MethodOptions.Layer) ? "LayerInvalid" : "OptionInvalid", HyperDasErrorKind.InvalidArgument,
                first.ToString(), first.Value);
        }
    }

    /// <summary>The numbers of its options that a target model bounds, apart from the layer.</summary>
    /// <param name="options">The options.</param>
    /// <param name="target">The model's shape.</param>
    public virtual IEnumerable<ModelLimit> Limits(MethodOptions options, ModelConfig target) => [];

    /// <summary>How examples are tokenised for an interpreter of these options.</summary>
    /// <param name="options">The options.</param>
    public virtual RavelCollatorOptions Collation(MethodOptions options) => new();

    /// <summary>Whether it learns from isolate examples too.</summary>
    /// <param name="options">The options.</param>
    public virtual bool LearnsFromIsolate(MethodOptions options) => true;

    /// <summary>Refuses options that don't fit a target model, before anything is allocated.</summary>
    /// <param name="options">The options.</param>
    /// <param name="target">The target model.</param>
    /// <exception cref="HyperDasException"><c>LayerInvalid</c>, <c>OptionInvalid</c>, <c>MemoryInsufficient</c>.</exception>
    public virtual void ThrowIfUnfit(MethodOptions options, LanguageModel target)
    {
        Interpreter.ThrowIfNoLayer(target, options.Layer);
        OptionLaw.ThrowIfBroken(options);
        ModelLimit.ThrowIfExceeded(Limits(options, target.Config));
    }

    /// <summary>
    /// What its parameters start from, for people, and whether that is what was asked for; null where there is nothing to say.
    /// </summary>
    /// <param name="options">The options.</param>
    /// <param name="target">The target model.</param>
    public virtual (string Words, bool IsAsked)? Start(MethodOptions options, LanguageModel target) => null;

    /// <summary>Whether its patches project onto a linear subspace, which can be compared with others.</summary>
    public virtual bool IsLinear => true;

    /// <summary>Numbers that an interpreter of these options stores at least.</summary>
    /// <param name="options">The options.</param>
    /// <param name="target">The target model.</param>
    /// <param name="concepts">The concepts that it knows one by one; empty where <see cref="ReadsDescriptions"/>.</param>
    public abstract double StoredNumbers(MethodOptions options, LanguageModel target, IReadOnlyList<ConceptKey> concepts);

    /// <summary>Makes an untrained interpreter.</summary>
    /// <param name="target">The target model.</param>
    /// <param name="options">The options.</param>
    /// <param name="concepts">The concepts that it learns one by one, each once; empty where <see cref="ReadsDescriptions"/>.</param>
    /// <param name="seed">Seed of all random starts.</param>
    /// <exception cref="HyperDasException"><c>LayerInvalid</c>, <c>OptionInvalid</c>, <c>MemoryInsufficient</c>.</exception>
    public abstract Interpreter Create(LanguageModel target, MethodOptions options, IReadOnlyList<ConceptKey> concepts, long seed);
}
