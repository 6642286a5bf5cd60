using System.Numerics;
using HyperDas.Engine.Numerics.Kernels;
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
    private const int PieceLength = 1 << 18;

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

    /// <summary>Takes one step. Gradients are read, scaled, and left as they are; a parameter without one has a gradient of zero.</summary>
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
        Tensor gradient = cat(slot.Flat.Parameters.Select(p => (p.Value.grad ?? zeros_like(p.Value)).reshape(-1)).ToList());
        if (s.Scale != 1)
        {
            gradient.mul_(s.Scale);
        }
        slot.First.mul_(_beta1).add_(gradient, alpha: 1 - _beta1);
        slot.Second.mul_(_beta2).addcmul_(gradient, gradient, 1 - _beta2);
        Tensor denominator = slot.Second.sqrt().div_(s.RootCorrection).add_(_epsilon);
        slot.Flat.Values.mul_(s.Keep).addcdiv_(slot.First, denominator, -s.Rate);
    }

    // Memory is what limits it, and one core alone doesn't reach the memory's speed: pieces go to as many as torch uses.
    private void OnProcessor(Slot slot, StepFactors s)
    {
        using DisposeScope scope = NewDisposeScope();
        List<Piece> pieces = [];
        long offset = 0;
        foreach (TrainableTensor parameter in slot.Flat.Parameters)
        {
            Tensor gradient = (parameter.Value.grad ?? zeros_like(parameter.Value)).reshape(-1);
            long count = gradient.shape[0];
            for (long start = 0; start < count; start += PieceLength)
            {
                long length = Math.Min(PieceLength, count - start);
                Tensor Run(Tensor flat) => flat.narrow(0, offset + start, length);
                pieces.Add(new Piece(Run(slot.Flat.Values), gradient.narrow(0, start, length), Run(slot.First), Run(slot.Second)));
            }
            offset += count;
        }
        TensorMemory.InPieces(pieces.Count, i =>
        {
            Piece p = pieces[i];
            Move(TensorMemory.Floats(p.Values), TensorMemory.Floats(p.Gradients), TensorMemory.Floats(p.First), TensorMemory.Floats(p.Second), s);
        });
    }

    private void Move(Span<float> values, ReadOnlySpan<float> gradients, Span<float> first, Span<float> second, StepFactors s)
    {
        float beta1 = (float)_beta1, rest1 = (float)((1 - _beta1) * s.Scale), beta2 = (float)_beta2, rest2 = (float)((1 - _beta2) * s.Scale * s.Scale);
        float keep = (float)s.Keep, rate = (float)s.Rate, root = (float)(1 / s.RootCorrection), epsilon = (float)_epsilon;
        Span<Vector<float>> allValues = TensorMemory.Vectors(values), allFirst = TensorMemory.Vectors(first), allSecond = TensorMemory.Vectors(second);
        ReadOnlySpan<Vector<float>> allGradients = TensorMemory.Vectors(gradients);
        for (int i = 0; i < allValues.Length; i++)
        {
            Vector<float> g = allGradients[i];
            Vector<float> m = (allFirst[i] * beta1) + (g * rest1), v = (allSecond[i] * beta2) + (g * g * rest2);
            allFirst[i] = m;
            allSecond[i] = v;
            allValues[i] = (allValues[i] * keep) - (rate * m / ((Vector.SquareRoot(v) * root) + new Vector<float>(epsilon)));
        }
        for (int i = allValues.Length * Vector<float>.Count; i < values.Length; i++)
        {
            float g = gradients[i];
            first[i] = (first[i] * beta1) + (g * rest1);
            second[i] = (second[i] * beta2) + (g * g * rest2);
            values[i] = (values[i] * keep) - (rate * first[i] / ((MathF.Sqrt(second[i]) * root) + epsilon));
        }
    }

    // A run of one parameter's numbers.
    private readonly record struct Piece(Tensor Values, Tensor Gradients, Tensor First, Tensor Second);

    private sealed record Slot(ParameterGroup Group, FlatGroup Flat, Tensor First, Tensor Second);

    private readonly record struct StepFactors(double Rate, double Keep, double RootCorrection, double Scale);
}
