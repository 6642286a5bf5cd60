using HyperDas.Engine.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Reference;

/// <summary>
/// The original's training step (docs/methods.md#training): forward, backward, clip, and AdamW tensor by tensor, each in a separate group.
/// </summary>
public sealed class ReferenceTraining : IDisposable
{
    private const double Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;
    private readonly ReferencePath _path;
    private readonly TrainingOptions _options;
    private readonly LinearSchedule _sparsity, _temperature;
    private readonly Dictionary<string, (Tensor First, Tensor Second)> _moments;
    private int _steps;

    /// <summary>Prepares moments and schedules; rates stay constant, as the original's.</summary>
    /// <param name="path">What is trained.</param>
    /// <param name="options">How.</param>
    /// <param name="totalSteps">Steps that the schedules span.</param>
    public ReferenceTraining(ReferencePath path, TrainingOptions options, int totalSteps)
    {
        _path = path;
        _options = options;
        _sparsity = new LinearSchedule(options.SparsityStart, options.SparsityEnd, totalSteps, options.SparsityWarmUp);
        _temperature = new LinearSchedule(options.TemperatureStart, options.TemperatureEnd, totalSteps);
        _moments = path.Parameters.Trained.ToDictionary(
            name => name, name =>
                (zeros_like(path.Parameters[name]).DetachFromDisposeScope(), zeros_like(path.Parameters[name]).DetachFromDisposeScope()));
        SetTemperature(0);
    }

    /// <summary>Takes one step.</summary>
    /// <param name="batch">The examples.</param>
    /// <returns>Losses and the gradient norm before clipping.</returns>
    public (double Loss, double Prediction, double Sparsity, double GradientNorm) Step(ReferenceBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        ReferenceParameters parameters = _path.Parameters;
        parameters.ClearGradients();
        ReferenceOutcome outcome = _path.Forward(batch, SelectionMode.Soft, _options.CauseWeight, _options.IsolateWeight);
        Tensor loss = outcome.Prediction + (outcome.Sparsity * _sparsity.At(_steps));
        loss.backward();
        string[] moved = [.. parameters.Trained.Where(name => parameters[name].grad is not null)];
        double norm = Math.Sqrt(moved.Sum(name => Math.Pow(parameters[name].grad!.norm().item<float>(), 2)));
        _steps++;
        using (no_grad())
        {
            double scale = Math.Min(1, _options.ClipNorm / (norm + 1e-6));
            foreach (string name in moved)
            {
                Move(name, parameters[name].grad!.mul_(scale));
            }
        }
        SetTemperature(_steps);
        return (loss.item<float>(), outcome.Prediction.item<float>(), outcome.Sparsity.item<float>(), norm);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((Tensor first, Tensor second) in _moments.Values)
        {
            first.Dispose();
            second.Dispose();
        }
    }

    private void Move(string name, Tensor gradient)
    {
        using DisposeScope scope = NewDisposeScope();
        (double rate, double decay) = name.Contains("rotate_layer", StringComparison.Ordinal) ? (_options.RotationLearningRate, 0)
            : name.Contains("mask_projection", StringComparison.Ordinal) ? (_options.MaskLearningRate, _options.WeightDecay)
            : (_options.LearningRate, _options.WeightDecay);
        (Tensor first, Tensor second) = _moments[name];
        first.mul_(Beta1).add_(gradient, alpha: 1 - Beta1);
        second.mul_(Beta2).addcmul_(gradient, gradient, 1 - Beta2);
        Tensor denominator = (second.sqrt() / Math.Sqrt(1 - Math.Pow(Beta2, _steps))) + Epsilon;
        _path.Parameters[name].mul_(1 - (rate * decay)).addcdiv_(first, denominator, -rate / (1 - Math.Pow(Beta1, _steps)));
    }

    private void SetTemperature(int step)
    {
        using (no_grad())
        {
            _path.Parameters.Find("das_module.temperature")?.fill_(_temperature.At(step));
        }
    }
}
