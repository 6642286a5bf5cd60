using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace HyperDas.Reference;

/// <summary>What a forward pass gives, in the batch's padding.</summary>
/// <param name="Weights">Soft selection weights, <c>[batch, source + 1, base]</c>.</param>
/// <param name="Logits">Of every token, <c>[batch, base, vocabulary]</c>.</param>
/// <param name="Prediction">Cross entropy over label tokens, a scalar (docs/methods.md#prediction).</param>
/// <param name="Sparsity">Source-selection penalty, a scalar (docs/methods.md#sparsity).</param>
public readonly record struct ReferenceOutcome(Tensor Weights, Tensor Logits, Tensor Prediction, Tensor Sparsity);

/// <summary>
/// HyperDAS with the parameters of a trained or untrained interpreter, computed as the original computes it
/// (docs/methods.md#the-original-computed-the-long-way): four whole passes of the target model, no cache, no shortcut. Slow on purpose.
/// </summary>
public sealed class ReferencePath : IDisposable
{
    private readonly LanguageModel _model;
    private readonly HypernetworkOptions _options;
    private readonly ReferenceHypernetwork _network;
    private readonly ReferenceSelectionHead _head;
    private readonly ReferenceSubspace _subspace;

    /// <summary>Copies an interpreter's parameters.</summary>
    /// <param name="interpreter">The interpreter.</param>
    public ReferencePath(HyperDasInterpreter interpreter)
    {
        _model = interpreter.Target;
        _options = interpreter.Options;
        Parameters = new ReferenceParameters(interpreter);
        _network = new ReferenceHypernetwork(_model, _options, Parameters);
        _head = new ReferenceSelectionHead(_model, _options, Parameters);
        _subspace = new ReferenceSubspace(_options, Parameters);
    }

    /// <summary>The copies.</summary>
    public ReferenceParameters Parameters { get; }

    /// <summary>Runs a batch.</summary>
    /// <param name="batch">The examples; padded on the left where options ask for the original's positions.</param>
    /// <param name="mode">How weights become a patch.</param>
    /// <param name="causeWeight">Weight of cause examples in the prediction loss.</param>
    /// <param name="isolateWeight">Weight of isolate examples in the prediction loss.</param>
    /// <param name="sourceFirst">Coin of the symmetric variant.</param>
    /// <returns>The outcome, in the caller's dispose scope.</returns>
    public ReferenceOutcome Forward(
        ReferenceBatch batch, SelectionMode mode = SelectionMode.Soft, double causeWeight = 1, double isolateWeight = 1,
        bool sourceFirst = false)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor sourceUnit, baseUnit, sourceHead, baseHead, sourceHidden;
        using (no_grad())
        {
            (baseUnit, baseHead) = Units(ReferenceTarget.AllStates(_model, batch.Base));
            (sourceUnit, sourceHead) = Units(ReferenceTarget.AllStates(_model, batch.Source));
            // The same numbers once more: the original doesn't keep them from the pass before.
            sourceHidden = SourceHidden(ReferenceTarget.AllStates(_model, batch.Source));
        }
        Tensor concept = _network.Encode(batch, sourceUnit, baseUnit);
        Tensor weights = _head.Weights(batch, concept, sourceHead, baseHead, sourceFirst);
        Tensor applied = ReferenceSelection.Apply(batch, weights, mode);
        Tensor logits = ReferenceTarget.Edited(
            _model, batch.Base, _options.Layer, hidden => _subspace.Edit(hidden, sourceHidden, applied, concept));
        Tensor prediction = Prediction(batch, logits, causeWeight, isolateWeight), sparsity = Sparsity(weights);
        return new ReferenceOutcome(
            weights.MoveToOuterDisposeScope(), logits.MoveToOuterDisposeScope(), prediction.MoveToOuterDisposeScope(),
            sparsity.MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    public void Dispose() => Parameters.Dispose();

    /// <summary>
    /// What the cross-attentions read, <c>[batch, tokens, levels, d]</c>, and what the selection head reads, <c>[batch, tokens, d]</c>.
    /// </summary>
    private (Tensor All, Tensor Head) Units((Tensor States, Tensor Top) target)
    {
        Tensor read = _options.Reads == StackDepth.AllLayers ? target.States : Residual(target).unsqueeze(2);
        Tensor unit = read / read.norm(-1, keepdim: true);
        return (unit, unit.select(2, _options.Reads == StackDepth.AllLayers ? _options.Layer : 0));
    }

    private Tensor SourceHidden((Tensor States, Tensor Top) target) =>
        _options.NormedLastLayerSource ? target.States.select(2, _options.Layer) : Residual(target);

    private Tensor Residual((Tensor States, Tensor Top) target) =>
        _options.Layer == _model.BlockCount ? target.Top : target.States.select(2, _options.Layer);

    private static Tensor Prediction(ReferenceBatch batch, Tensor logits, double causeWeight, double isolateWeight)
    {
        long tokens = logits.shape[1];
        Tensor predicted = logits.narrow(1, 0, tokens - 1), labels = batch.Labels.narrow(1, 1, tokens - 1), counted = labels != -100;
        Tensor each = -functional.log_softmax(predicted, -1).gather(2, labels.clamp(min: 0).unsqueeze(2)).squeeze(2);
        float[] omega = [.. batch.Examples.Select((TokenizedExample e) => (float)(e.IsCause ? causeWeight : isolateWeight))];
        return (each * counted * tensor(omega, device: logits.device).unsqueeze(1)).sum() / counted.sum();
    }

    private static Tensor Sparsity(Tensor weights)
    {
        Tensor mass = weights.narrow(1, 0, weights.shape[1] - 1).sum([2L]);
        return where(mass > 1, mass, zeros_like(mass)).sum([1L]).mean();
    }
}
