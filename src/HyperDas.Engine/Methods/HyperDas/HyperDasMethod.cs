using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Methods.HyperDas;

/// <summary>HyperDAS, for <see cref="MethodCatalog"/>.</summary>
public sealed class HyperDasMethod : MethodDescription
{
    /// <inheritdoc/>
    public override InterpreterMethod Method => InterpreterMethod.HyperDas;

    /// <inheritdoc/>
    public override Learning Learning => Learning.Together;

    /// <inheritdoc/>
    public override IReadOnlySet<string> TrainingSettings { get; } =
        typeof(TrainingOptions).GetProperties().Where(p => p.CanWrite).Select(p => p.Name).ToHashSet();

    /// <inheritdoc/>
    public override bool HasFaithful => true;

    /// <inheritdoc/>
    public override bool ReadsDescriptions => true;

    /// <inheritdoc/>
    public override MethodOptions Defaults(int layer, bool faithful = false)
    {
        HypernetworkOptions defaults = new() { Layer = layer };
        return faithful ? defaults.Faithful() : defaults;
    }

    /// <inheritdoc/>
    public override IEnumerable<ModelLimit> Limits(MethodOptions options, ModelConfig target) =>
        HyperDasInterpreter.Limits((HypernetworkOptions)options, target);

    /// <inheritdoc/>
    public override RavelCollatorOptions Collation(MethodOptions options) => HyperDasInterpreter.CollationOf((HypernetworkOptions)options);

    /// <inheritdoc/>
    public override void ThrowIfUnfit(MethodOptions options, LanguageModel target) =>
        HyperDasInterpreter.Validate(target, (HypernetworkOptions)options);

    /// <inheritdoc/>
    public override (string Words, bool IsAsked)? Start(MethodOptions options, LanguageModel target)
    {
        HypernetworkOptions network = (HypernetworkOptions)options;
        return (HyperDasInterpreter.StartOf(target, network), HyperDasInterpreter.StartsAsAsked(target, network));
    }

    /// <inheritdoc/>
    public override double StoredNumbers(MethodOptions options, LanguageModel target, IReadOnlyList<ConceptKey> concepts) =>
        HyperDasInterpreter.LargestPart((HypernetworkOptions)options, target);

    /// <inheritdoc/>
    public override Interpreter Create(LanguageModel target, MethodOptions options, IReadOnlyList<ConceptKey> concepts, long seed) =>
        new HyperDasInterpreter(target, (HypernetworkOptions)options, seed);
}
