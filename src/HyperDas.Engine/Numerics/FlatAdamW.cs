using System.Numerics;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Numerics;

/// <summary>Settings of one parameter group.</summary>
/// <param name="LearningRate">Step size.</param>
/// <param name="WeightDecay">Decoupled weight decay.</param>
public readonly record struct GroupRate(double LearningRate, double WeightDecay);

/// <summary>
/// AdamW over flat float32 buffers. On the processor a step is one pass over memory with vector instructions; elsewhere it is a handful
/// of in-place tensor operations. Both follow the usual definition (betas, bias correction, epsilon outside the square root).
/// </summary>
public sealed class FlatAdamW : IDisposable
{
    private readonly Slot[] _slots;
    private readonly double _beta1, _beta2, _epsilon;

    /// <summary>Prepares moments for every group of a sealed store.</summary>
    /// <param name="store">The parameters.</param>
    /// <param name="beta1">Decay of the first moment.</param>
    /// <param name="beta2">Decay of the second moment.</param>
    /// <param name="epsilon">Added to the denominator.</param>
    public FlatAdamW(ParameterStore store, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8)
    {
        (_beta1, _beta2, _epsilon) = (beta1, beta2, epsilon);
        using DisposeScope scope = NewDisposeScope();
        _slots =
        [
            .. store.Groups.Select(g => new Slot(
                g.Key, g.Value, zeros_like(g.Value.Values).DetachFromDisposeScope(), zeros_like(g.Value.Values).DetachFromDisposeScope())),
        ];
    }

    /// <summary>Number of steps taken.</summary>
    public int Steps { get; private set; }

    /// <summary>Takes one step. Gradients are read, scaled, and left as they are.</summary>
    /// <param name="rate">Settings per group.</param>
    /// <param name="gradientScale">Factor on every gradient, e.g. from clipping; 1 for none.</param>
    public void Step(Func<ParameterGroup, GroupRate> rate, double gradientScale = 1)
    {
        Steps++;
        double correction1 = 1 - Math.Pow(_beta1, Steps), correction2 = 1 - Math.Pow(_beta2, Steps);
        using (no_grad())
        {
            foreach (Slot slot in _slots)
            {
                GroupRate r = rate(slot.Group);
                StepFactors s = new(r.LearningRate / correction1, 1 - r.LearningRate * r.WeightDecay, Math.Sqrt(correction2), gradientScale);
                if (slot.Flat.Values.device_type == DeviceType.CPU)
                {
                    OnProcessor(slot, s);
                }
                else
                {
                    OnDevice(slot, s);
                }
            }
        }
    }

    /// <summary>The moments by name, flat vectors <c>[weights of the group]</c>: with <see cref="Steps"/> the whole state. They belong to the optimiser.</summary>
    public IReadOnlyList<KeyValuePair<string, Tensor>> State() =>
        [.. _slots.SelectMany(s => new KeyValuePair<string, Tensor>[] { new($"{s.Group}/first", s.First), new($"{s.Group}/second", s.Second) })];

    /// <summary>Goes on where another optimiser of the same parameters stopped.</summary>
    /// <param name="steps">Steps that it had taken.</param>
    /// <param name="read">Gives the tensor of a name and shape, or throws. The result is disposed here.</param>
    public void Restore(int steps, Func<string, long[], Tensor> read)
    {
        using DisposeScope scope = NewDisposeScope();
        foreach ((string name, Tensor present) in State())
        {
            present.copy_(read(name, present.shape));
        }
        Steps = steps;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Slot slot in _slots)
        {
            slot.First.Dispose();
            slot.Second.Dispose();
        }
    }

    private void OnDevice(Slot slot, StepFactors s)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor gradient = s.Scale == 1 ? slot.Flat.Gradients : slot.Flat.Gradients * s.Scale;
        slot.First.mul_(_beta1).add_(gradient, alpha: 1 - _beta1);
        slot.Second.mul_(_beta2).addcmul_(gradient, gradient, 1 - _beta2);
        Tensor denominator = slot.Second.sqrt().div_(s.RootCorrection).add_(_epsilon);
        slot.Flat.Values.mul_(s.Keep).addcdiv_(slot.First, denominator, -s.Rate);
    }

    private void OnProcessor(Slot slot, StepFactors s)
    {
        Span<float> values = Floats(slot.Flat.Values), gradients = Floats(slot.Flat.Gradients), first = Floats(slot.First), second = Floats(slot.Second);
        int lanes = Vector<float>.Count, i = 0;
        Vector<float> beta1 = new((float)_beta1), rest1 = new((float)((1 - _beta1) * s.Scale));
        Vector<float> beta2 = new((float)_beta2), rest2 = new((float)((1 - _beta2) * s.Scale * s.Scale));
        Vector<float> keep = new((float)s.Keep), rate = new((float)s.Rate), root = new((float)(1 / s.RootCorrection)), epsilon = new((float)_epsilon);
        for (; i <= values.Length - lanes; i += lanes)
        {
            Vector<float> g = new(gradients[i..]);
            Vector<float> m = new Vector<float>(first[i..]) * beta1 + g * rest1;
            Vector<float> v = new Vector<float>(second[i..]) * beta2 + g * g * rest2;
            m.CopyTo(first[i..]);
            v.CopyTo(second[i..]);
            (new Vector<float>(values[i..]) * keep - rate * m / (Vector.SquareRoot(v) * root + epsilon)).CopyTo(values[i..]);
        }
        for (; i < values.Length; i++)
        {
            float g = gradients[i];
            first[i] = first[i] * beta1[0] + g * rest1[0];
            second[i] = second[i] * beta2[0] + g * g * rest2[0];
            values[i] = values[i] * keep[0] - rate[0] * first[i] / (MathF.Sqrt(second[i]) * root[0] + epsilon[0]);
        }
    }

    private static Span<float> Floats(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);

    private sealed record Slot(ParameterGroup Group, FlatGroup Flat, Tensor First, Tensor Second);

    private readonly record struct StepFactors(double Rate, double Keep, double RootCorrection, double Scale);
}
