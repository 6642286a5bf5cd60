using HyperDas.Engine.LanguageModels;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods;

/// <summary>
/// The two corners that every method is compared with: doing nothing, and swapping the whole hidden vector at the last entity token.
/// Both reach a disentangle score of 40 to 50 without telling attributes apart.
/// </summary>
public sealed class ReferenceInterpreter : Interpreter
{
    private readonly ReferenceMethod _method;

    /// <summary>Creates a reference.</summary>
    /// <param name="target">The target model.</param>
    /// <param name="layer">Intervention layer ℓ.</param>
    /// <param name="method">Which corner.</param>
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
    public override SubspaceKind Subspace => SubspaceKind.None;

    /// <inheritdoc/>
    public override bool LearnsSelection => false;

    /// <inheritdoc/>
    public override Patch Propose(InterchangeBatch batch, Random? coin = null)
    {
        using DisposeScope scope = NewDisposeScope();
        long sources = batch.Source.Visible.shape[1], columns = batch.Base.Visible.shape[1];
        Tensor weights = zeros([batch.Count, sources + 1, columns], ScalarType.Float32, batch.BaseHidden.device);
        weights.select(1, sources).fill_(1);
        if (_method == ReferenceMethod.FullSwap)
        {
            Tensor example = arange(batch.Count, ScalarType.Int64, weights.device);
            Tensor self = full_like(batch.SourceEntity, sources);
            weights.index_put_(tensor(1f, device: weights.device), [TensorIndex.Tensor(example), TensorIndex.Tensor(batch.SourceEntity), TensorIndex.Tensor(batch.BaseEntity)]);
            weights.index_put_(tensor(0f, device: weights.device), [TensorIndex.Tensor(example), TensorIndex.Tensor(self), TensorIndex.Tensor(batch.BaseEntity)]);
        }
        return new Patch(weights.MoveToOuterDisposeScope(), (_, delta) => delta.alias());
    }
}
