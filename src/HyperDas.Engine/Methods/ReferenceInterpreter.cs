using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods.Fixed;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods;

/// <summary>
/// The two references for every method: no intervention, and swapping the whole hidden vector at the last entity token. Both reach a
/// disentangle score of 40 to 50 without distinguishing attributes.
/// </summary>
public sealed class ReferenceInterpreter : Interpreter
{
    private readonly ReferenceMethod _method;

    /// <summary>Creates a reference.</summary>
    /// <param name="target">The target model.</param>
    /// <param name="layer">Intervention layer ℓ.</param>
    /// <param name="method">The reference.</param>
    public ReferenceInterpreter(LanguageModel target, int layer, ReferenceMethod method)
        : base(target, layer)
    {
        _method = method;
    }

    /// <inheritdoc/>
    public override string Method => _method.ToString();

    /// <inheritdoc/>
    public override int FeatureDimension => _method == ReferenceMethod.FullSwap ? Target.HiddenSize : 0;

    /// <inheritdoc/>
    public override string Subspace => nameof(SubspaceKind.None);

    /// <inheritdoc/>
    public override bool LearnsSelection => false;

    /// <inheritdoc/>
    public override bool NeedsEntities => _method == ReferenceMethod.FullSwap;

    /// <inheritdoc/>
    public override Patch Propose(InterchangeBatch batch, Random? coin = null)
    {
        Tensor weights = _method == ReferenceMethod.FullSwap ? EntitySwap.Weights(batch) : EntitySwap.NoIntervention(batch);
        return new Patch(weights, (_, delta) => delta.alias());
    }
}
