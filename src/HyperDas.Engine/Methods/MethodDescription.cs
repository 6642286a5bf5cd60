using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Methods;

/// <summary>How a method determines its parameters.</summary>
public enum Learning
{
    /// <summary>One training on the examples of all concepts together.</summary>
    Together,

    /// <summary>A separate training for each concept, on its own examples.</summary>
    ByConcept,

    /// <summary>Fitted to hidden vectors of entities, without running the model with interventions.</summary>
    Fitted,
}

/// <summary>
/// Everything that the rest of the engine, the cmdlets, documents, the schema and completion need to know about a method.
/// <see cref="MethodCatalog"/> has one for each; each method has its own record of options.
/// </summary>
public abstract class MethodDescription
{
    private static readonly Dictionary<string, string> s_noAliases = [];

    /// <summary>The method.</summary>
    public abstract InterpreterMethod Method { get; }

    /// <summary>How it learns.</summary>
    public abstract Learning Learning { get; }

    /// <summary>The record of its options.</summary>
    public Type OptionsType => MethodOptions.TypeOf(Method);

    /// <summary>
    /// Names of the properties of <see cref="TrainingOptions"/> that affect what it learns; the others have no meaning for it.
    /// </summary>
    public abstract IReadOnlySet<string> TrainingSettings { get; }

    /// <summary>Common names of settings for which the method has its own: e.g. the learning rate.</summary>
    public virtual IReadOnlyDictionary<string, string> Aliases => s_noAliases;

    /// <summary>Whether the method has an original with its own default values.</summary>
    public virtual bool HasFaithful => false;

    /// <summary>Whether it can learn from domains of the benchmark in addition to the examples.</summary>
    public virtual bool LearnsFromDomains => false;

    /// <summary>
    /// Whether it reads descriptions of concepts; otherwise it learns the dataset's attributes separately, whatever their names are.
    /// </summary>
    public virtual bool ReadsDescriptions => false;

    /// <summary>Default options.</summary>
    /// <param name="layer">Intervention layer ℓ.</param>
    /// <param name="faithful">Whether to use the original's values.</param>
    public virtual MethodOptions Defaults(int layer, bool faithful = false) =>
        (MethodOptions)Activator.CreateInstance(OptionsType)! with { Layer = layer };

    /// <summary>Default options of the training.</summary>
    /// <param name="faithful">Whether to use the original's values.</param>
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

    /// <summary>Whether a setting has a meaning for the method.</summary>
    /// <param name="name">A setting, see <see cref="Setting"/>, or <c>Faithful</c> or <c>Domain</c>.</param>
    public bool Knows(string name) => name switch
    {
        "Faithful" => HasFaithful,
        "Domain" => LearnsFromDomains,
        _ => Setting(name) is not null,
    };

    /// <summary>Settings of a training that were changed although the method doesn't have them: they would have no effect.</summary>
    /// <param name="training">Options of the training.</param>
    public IReadOnlyList<OptionFault> Unused(TrainingOptions training)
    {
        TrainingOptions own = DefaultTraining(), common = new();
        return
        [
            .. typeof(TrainingOptions).GetProperties().Where(p => p.CanWrite && !TrainingSettings.Contains(p.Name))
                .Select(p => (p.Name, Value: p.GetValue(training), Own: p.GetValue(own), Common: p.GetValue(common)))
                .Where(p => !Equals(p.Value, p.Own) && !Equals(p.Value, p.Common))
                .Select(p => new OptionFault(
                    p.Name, p.Value, $"omitted for {Method}, which doesn't have it")),
        ];
    }

    /// <summary>
    /// Throws for settings that are invalid alone, in combination, or for the method; checks against the target model come later.
    /// </summary>
    /// <param name="options">Parts of the interpreter.</param>
    /// <param name="training">Options of the training.</param>
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

    /// <summary>The options that a target model limits, except the layer.</summary>
    /// <param name="options">The options.</param>
    /// <param name="target">The model's shape.</param>
    public virtual IEnumerable<ModelLimit> Limits(MethodOptions options, ModelConfig target) => [];

    /// <summary>Tokenisation options for an interpreter with these options.</summary>
    /// <param name="options">The options.</param>
    public virtual RavelCollatorOptions Collation(MethodOptions options) => new();

    /// <summary>Whether it also learns from isolate examples.</summary>
    /// <param name="options">The options.</param>
    public virtual bool LearnsFromIsolate(MethodOptions options) => true;

    /// <summary>Throws for options that don't fit a target model, before anything is allocated.</summary>
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

    /// <summary>Whether its patches are projections onto a linear subspace, which can be compared with others.</summary>
    public virtual bool IsLinear => true;

    /// <summary>Minimum number of values that an interpreter with these options stores.</summary>
    /// <param name="options">The options.</param>
    /// <param name="target">The target model.</param>
    /// <param name="concepts">The concepts that it learns separately; empty if <see cref="ReadsDescriptions"/>.</param>
    public abstract double StoredNumbers(MethodOptions options, LanguageModel target, IReadOnlyList<ConceptKey> concepts);

    /// <summary>Creates an untrained interpreter.</summary>
    /// <param name="target">The target model.</param>
    /// <param name="options">The options.</param>
    /// <param name="concepts">The concepts that it learns separately, without duplicates; empty if <see cref="ReadsDescriptions"/>.</param>
    /// <param name="seed">Seed of the initialisation.</param>
    /// <exception cref="HyperDasException"><c>LayerInvalid</c>, <c>OptionInvalid</c>, <c>MemoryInsufficient</c>.</exception>
    public abstract Interpreter Create(LanguageModel target, MethodOptions options, IReadOnlyList<ConceptKey> concepts, long seed);
}
