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
/// AdamW over flat float32 buffers. On the processor a step is one pass over memory with vector instructions; elsewhere it is a few
/// in-place tensor operations. Both follow the usual definition (betas, bias correction, epsilon outside the square root). Moments in a
/// narrow format are expanded block by block and rounded stochastically, with random numbers that depend only on step and position.
/// </summary>
public sealed class FlatAdamW : IDisposable
{
    private const int PieceLength = 1 << 18;

    private readonly Slot[] _slots;
    private readonly MomentFormat _format;
    private readonly bool _byTensors;
    private readonly double _beta1, _beta2, _epsilon;

    /// <summary>Prepares moments for every group of a sealed store.</summary>
    /// <param name="store">The parameters.</param>
    /// <param name="beta1">Decay of the first moment.</param>
    /// <param name="beta2">Decay of the second moment.</param>
    /// <param name="epsilon">Added to the denominator.</param>
    /// <param name="format">Number format of the moments.</param>
    public FlatAdamW(
        ParameterStore store, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, MomentFormat format = MomentFormat.Float32)
        : this(store, beta1, beta2, epsilon, format, store.Device.type != DeviceType.CPU)
    {
    }

    /// <summary>The same as the public constructor, with tensor operations on any device.</summary>
    internal FlatAdamW(ParameterStore store, double beta1, double beta2, double epsilon, MomentFormat format, bool byTensors)
    {
        (_beta1, _beta2, _epsilon, _format, _byTensors) = (beta1, beta2, epsilon, format, byTensors);
        using DisposeScope scope = NewDisposeScope();
        _slots = [.. store.Groups.Select(g => new Slot(g.Key, g.Value, new Moments(format, g.Value)))];
    }

    /// <summary>Number of steps taken.</summary>
    public int Steps { get; private set; }

    /// <summary>
    /// Takes one step. Gradients are read and scaled but not changed; a parameter without a gradient has a gradient of zero.
    /// </summary>
    /// <param name="rate">Settings per group.</param>
    /// <param name="gradientScale">Factor for every gradient, e.g. from clipping; 1 for none.</param>
    public void Step(Func<ParameterGroup, GroupRate> rate, double gradientScale = 1)
    {
        Steps++;
        double correction1 = 1 - Math.Pow(_beta1, Steps), correction2 = 1 - Math.Pow(_beta2, Steps);
        using (no_grad())
        {
            foreach (Slot slot in _slots)
            {
                GroupRate r = rate(slot.Group);
                StepFactors s = new(
                    r.LearningRate / correction1, 1 - r.LearningRate * r.WeightDecay, Math.Sqrt(correction2), gradientScale);
                if (!_byTensors)
                {
                    OnProcessor(slot, s);
                }
                else if (_format == MomentFormat.Float32)
                {
                    ByTensors(slot, s);
                }
                else
                {
                    ByNarrowTensors(slot, s);
                }
            }
        }
    }

    /// <summary>
    /// The moments by name, as flat vectors <c>[weights of the group]</c>; together with <see cref="Steps"/> the whole state. They belong
    /// to the optimiser.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, Tensor>> State() =>
        [.. _slots.SelectMany(s => s.Moments.State(s.Group))];

    /// <summary>Continues where another optimiser of the same parameters stopped.</summary>
    /// <param name="steps">Number of steps it had taken.</param>
    /// <param name="read">Returns the tensor with a name and shape, or throws. The result is disposed here.</param>
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
            slot.Moments.Dispose();
        }
    }

    private void ByTensors(Slot slot, StepFactors s)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor gradient = cat(slot.Flat.Parameters.Select(p => (p.Value.grad ?? zeros_like(p.Value)).reshape(-1)).ToList());
        Move(slot.Flat.Values, gradient, slot.Moments.First, slot.Moments.Second, s);
    }

    // Parameter by parameter, which avoids holding the widened moments of all at once.
    private void ByNarrowTensors(Slot slot, StepFactors s)
    {
        using Generator generator = new(NarrowNumbers.Seed(Steps, (int)slot.Group), slot.Flat.Values.device);
        long offset = 0, block = 0;
        foreach (TrainableTensor parameter in slot.Flat.Parameters)
        {
            using DisposeScope scope = NewDisposeScope();
            long count = parameter.Value.numel();
            Tensor gradient = (parameter.Value.grad ?? zeros_like(parameter.Value)).reshape(-1).clone();
            (Tensor first, Tensor second) = slot.Moments.Read(offset, count, block);
            Move(slot.Flat.Values.narrow(0, offset, count), gradient, first, second, s);
            slot.Moments.Write(offset, block, first, second, generator);
            offset += count;
            block += Moments.Blocks(count);
        }
    }

    // All of them are overwritten, including the gradient.
    private void Move(Tensor values, Tensor gradient, Tensor first, Tensor second, StepFactors s)
    {
        if (s.Scale != 1)
        {
            gradient.mul_(s.Scale);
        }
        first.mul_(_beta1).add_(gradient, alpha: 1 - _beta1);
        second.mul_(_beta2).addcmul_(gradient, gradient, 1 - _beta2);
        Tensor denominator = second.sqrt().div_(s.RootCorrection).add_(_epsilon);
        values.mul_(s.Keep).addcdiv_(first, denominator, -s.Rate);
    }

    // Memory-bound, and one core alone doesn't reach the memory's bandwidth: pieces are distributed over torch's number of threads.
    private void OnProcessor(Slot slot, StepFactors s)
    {
        using DisposeScope scope = NewDisposeScope();
        List<Piece> pieces = [];
        long offset = 0, block = 0;
        foreach (TrainableTensor parameter in slot.Flat.Parameters)
        {
            Tensor gradient = (parameter.Value.grad ?? zeros_like(parameter.Value)).reshape(-1);
            long count = gradient.shape[0];
            for (long start = 0; start < count; start += PieceLength)
            {
                long length = Math.Min(PieceLength, count - start), place = offset + start;
                pieces.Add(new Piece(
                    place, slot.Flat.Values.narrow(0, place, length), gradient.narrow(0, start, length),
                    slot.Moments.Piece(place, length, block + (start / NarrowNumbers.BlockLength))));
            }
            offset += count;
            block += Moments.Blocks(count);
        }
        uint seed = NarrowNumbers.Seed(Steps, (int)slot.Group);
        TensorMemory.InPieces(pieces.Count, i =>
        {
            Piece p = pieces[i];
            if (_format == MomentFormat.Float32)
            {
                Move(TensorMemory.Floats(p.Values), TensorMemory.Floats(p.Gradients), TensorMemory.Floats(p.Moments.First),
                    TensorMemory.Floats(p.Moments.Second), s);
            }
            else
            {
                MoveNarrow(p, seed, s);
            }
        });
    }

    private void MoveNarrow(Piece p, uint seed, StepFactors s)
    {
        Span<float> values = TensorMemory.Floats(p.Values), gradients = TensorMemory.Floats(p.Gradients);
        MomentBlocks moments = new(p.Moments, seed, p.Start);
        while (moments.Next())
        {
            Move(values.Slice(moments.Place, moments.Length), gradients.Slice(moments.Place, moments.Length),
                moments.First, moments.Second, s);
            moments.Keep();
        }
    }

    private void Move(Span<float> values, ReadOnlySpan<float> gradients, Span<float> first, Span<float> second, StepFactors s)
    {
        float beta1 = (float)_beta1, rest1 = (float)((1 - _beta1) * s.Scale), beta2 = (float)_beta2,
            rest2 = (float)((1 - _beta2) * s.Scale * s.Scale);
        float keep = (float)s.Keep, rate = (float)s.Rate, root = (float)(1 / s.RootCorrection), epsilon = (float)_epsilon;
        Span<Vector<float>> allValues =
            TensorMemory.Vectors(values), allFirst = TensorMemory.Vectors(first), allSecond = TensorMemory.Vectors(second);
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

    // A range of one parameter's numbers, and its position in its group.
    private readonly record struct Piece(long Start, Tensor Values, Tensor Gradients, MomentPiece Moments);

    private sealed record Slot(ParameterGroup Group, FlatGroup Flat, Moments Moments);

    private readonly record struct StepFactors(double Rate, double Keep, double RootCorrection, double Scale);
}
