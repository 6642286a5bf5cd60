using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace HyperDas.Reference;

/// <summary>
/// A step of DAS or MDAS as an intervention library makes it: a whole pass of the target over the source prompts for their hidden states, a
/// whole one over the base prompts with the edit, and logits of every token (docs/methods.md#das-and-mdas). The interpreter's own modules
/// and optimiser are used: what is compared is how much of the target is run.
/// </summary>
/// <param name="interpreter">What is trained, of one concept; it belongs to the caller.</param>
/// <param name="options">How.</param>
public sealed class ReferenceFixedTraining(FixedPositionInterpreter interpreter, TrainingOptions options) : IDisposable
{
    private readonly FlatAdamW _optimiser = new(interpreter.Parameters);

    /// <summary>Takes one step.</summary>
    /// <param name="batch">The examples, each of the interpreter's concept.</param>
    /// <returns>Loss and the gradient norm before clipping.</returns>
    public (double Loss, double GradientNorm) Step(ReferenceBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        interpreter.Parameters.ClearGradients();
        Tensor rows = arange(batch.Examples.Count, ScalarType.Int64, batch.Labels.device), source;
        using (no_grad())
        {
            (Tensor states, _) = ReferenceTarget.AllStates(interpreter.Target, batch.Source);
            Tensor start = batch.Source.Real.shape[1] - batch.Source.Real.sum([1L]);
            source = states.select(
                2, interpreter.Layer)[rows, (batch.Side == PaddingSide.Left ? start : 0) + Indices(e => e.SourceEntityIndex)];
        }
        Tensor column = batch.BaseStart + Indices(e => e.BaseEntityIndex);
        Tensor logits = ReferenceTarget.Edited(interpreter.Target, batch.Base, interpreter.Layer, hidden =>
        {
            Tensor present = hidden[rows, column].unsqueeze(1);
            Tensor change = interpreter.Modules[0].Change(present, source.unsqueeze(1) - present, training: true);
            Tensor here = arange(hidden.shape[1], ScalarType.Int64, hidden.device).unsqueeze(0) == column.unsqueeze(1);
            return hidden + (change * here.unsqueeze(2));
        });
        Tensor predicted = logits.narrow(1, 0, logits.shape[1] - 1), labels = batch.Labels.narrow(1, 1, logits.shape[1] - 1);
        Tensor loss = functional.cross_entropy(predicted.reshape(-1, logits.shape[2]), labels.reshape(-1), ignore_index: -100);
        loss.backward();
        double norm = interpreter.Parameters.GradientNorm().item<float>();
        _optimiser.Step(_ => new GroupRate(options.RotationLearningRate, 0), Math.Min(1, options.ClipNorm / (norm + 1e-6)));
        return (loss.item<float>(), norm);

        Tensor Indices(Func<TokenizedExample, int> of) =>
            tensor(batch.Examples.Select(e => (long)of(e)).ToArray(), ScalarType.Int64, batch.Labels.device);
    }

    /// <inheritdoc/>
    public void Dispose() => _optimiser.Dispose();
}
