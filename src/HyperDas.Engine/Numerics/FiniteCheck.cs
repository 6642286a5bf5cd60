using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Numerics;

/// <summary>Finds the tensor in which a computation diverged.</summary>
internal static class FiniteCheck
{
    /// <summary>The first tensor with a value that isn't finite, or null.</summary>
    /// <param name="tensors">Names and tensors, in the order in which they were computed.</param>
    public static string? FirstNonFinite(IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        foreach ((string name, Tensor tensor) in tensors)
        {
            if (!tensor.isfinite().all().item<bool>())
            {
                return name;
            }
        }
        return null;
    }

    /// <summary>Throws if a training's last step has damaged the parameters, which no later step would reveal.</summary>
    /// <param name="store">The parameters.</param>
    /// <param name="step">Number of the last step.</param>
    /// <param name="learningRate">Its learning rate.</param>
    /// <exception cref="HyperDasException"><c>TrainingDiverged</c>: names the tensor.</exception>
    public static void ThrowIfDamaged(ParameterStore store, int step, double learningRate)
    {
        using DisposeScope scope = NewDisposeScope();
        if (FirstNonFinite(store.State()) is string name)
        {
            throw new HyperDasException(
                "TrainingDiverged", HyperDasErrorKind.OperationStopped,
                FormattableString.Invariant(
                    $"The last training step, {step}, produced values that aren't finite. The first tensor that isn't finite: parameter '{name}'. Lower the learning rate (now {learningRate})."),
                learningRate);
        }
    }

    /// <summary>Describes where a diverged step first produced a non-finite value: in the forward pass, then in the gradients.</summary>
    /// <param name="store">The parameters, which have their gradients.</param>
    /// <param name="computed">Names and tensors of the forward pass, in order.</param>
    /// <returns>A sentence that names the tensor; it begins with a space.</returns>
    public static string Culprit(ParameterStore store, params IEnumerable<KeyValuePair<string, Tensor>> computed)
    {
        using DisposeScope scope = NewDisposeScope();
        string? name = FirstNonFinite(store.State().Select(s => Named("parameter", s)))
            ?? FirstNonFinite(computed)
            ?? FirstNonFinite(store.Gradients().Select(g => Named("gradient of", g)));
        return name is null ? " All tensors are finite, but their norm isn't." : $" The first tensor that isn't finite: {name}.";

        static KeyValuePair<string, Tensor> Named(string kind, KeyValuePair<string, Tensor> tensor) =>
            new($"{kind} '{tensor.Key}'", tensor.Value);
    }
}
