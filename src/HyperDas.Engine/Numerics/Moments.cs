using HyperDas.Engine.Numerics.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Numerics;

/// <summary>Both moments of one group of parameters, in one of the formats.</summary>
internal sealed class Moments : IDisposable
{
    private readonly MomentFormat _format;
    private readonly Tensor _first, _second;
    private readonly Tensor? _firstBase, _secondBase;

    /// <summary>Moments of 0.</summary>
    /// <param name="format">What they are held in.</param>
    /// <param name="group">The parameters.</param>
    public Moments(MomentFormat format, FlatGroup group)
    {
        _format = format;
        long count = group.Values.shape[0], blocks = group.Parameters.Sum(p => Blocks(p.Value.numel()));
        Device device = group.Values.device;
        Tensor Zeros(ScalarType type, long length) => zeros(length, type, device).DetachFromDisposeScope();
        ScalarType type = format switch { MomentFormat.BFloat16 => ScalarType.BFloat16, MomentFormat.EightBit => ScalarType.Byte,
            _ => ScalarType.Float32 };
        (_first, _second) = (Zeros(type, count), Zeros(type, count));
        if (format == MomentFormat.EightBit)
        {
            (_firstBase, _secondBase) = (Zeros(ScalarType.Int32, blocks), Zeros(ScalarType.Int32, blocks));
        }
    }

    /// <summary>The first moment where it is held in float32, <c>[weights of the group]</c>.</summary>
    public Tensor First => _first;

    /// <summary>The second moment where it is held in float32, <c>[weights of the group]</c>.</summary>
    public Tensor Second => _second;

    /// <summary>Bytes of one moment of a number.</summary>
    /// <param name="format">The format.</param>
    public static double BytesOf(MomentFormat format) => format switch
    {
        MomentFormat.BFloat16 => 2,
        MomentFormat.EightBit => 1 + (4.0 / NarrowNumbers.BlockLength),
        _ => 4,
    };

    /// <summary>Blocks of so many numbers; each parameter has its own.</summary>
    /// <param name="numbers">Numbers of a parameter.</param>
    public static long Blocks(long numbers) => (numbers + NarrowNumbers.BlockLength - 1) / NarrowNumbers.BlockLength;

    /// <summary>Everything that is held, by name.</summary>
    /// <param name="group">Name of the group.</param>
    public IEnumerable<KeyValuePair<string, Tensor>> State(ParameterGroup group)
    {
        yield return new($"{group}/first", _first);
        yield return new($"{group}/second", _second);
        if (_firstBase is not null && _secondBase is not null)
        {
            yield return new($"{group}/first base", _firstBase);
            yield return new($"{group}/second base", _secondBase);
        }
    }

    /// <summary>The moments of some numbers of one parameter, for the processor's loops. In the caller's dispose scope.</summary>
    /// <param name="start">Place of the first number in the group.</param>
    /// <param name="length">How many.</param>
    /// <param name="block">Number of the first one's block, which begins with it.</param>
    public MomentPiece Piece(long start, long length, long block) => new(
        _format, _first.narrow(0, start, length), _second.narrow(0, start, length),
        _firstBase?.narrow(0, block, Blocks(length)), _secondBase?.narrow(0, block, Blocks(length)));

    /// <summary>The moments of a parameter in float32, in the caller's dispose scope.</summary>
    /// <param name="start">Place of its first number in the group.</param>
    /// <param name="length">How many it has.</param>
    /// <param name="block">Number of its first block.</param>
    public (Tensor First, Tensor Second) Read(long start, long length, long block)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor first, Tensor second) = (_first.narrow(0, start, length), _second.narrow(0, start, length));
        if (_firstBase is null || _secondBase is null)
        {
            return (first.to_type(ScalarType.Float32).MoveToOuterDisposeScope(),
                second.to_type(ScalarType.Float32).MoveToOuterDisposeScope());
        }
        return (
            EightBitTensors.Read(first, _firstBase.narrow(0, block, Blocks(length)), signed: true).MoveToOuterDisposeScope(),
            EightBitTensors.Read(second, _secondBase.narrow(0, block, Blocks(length)), signed: false).MoveToOuterDisposeScope());
    }

    /// <summary>Replaces the moments of a parameter by tensor operations.</summary>
    /// <param name="start">Place of its first number in the group.</param>
    /// <param name="block">Number of its first block.</param>
    /// <param name="first">The first moment, float32.</param>
    /// <param name="second">The second moment, float32.</param>
    /// <param name="generator">Chance of the rounding, on the tensors' device.</param>
    public void Write(long start, long block, Tensor first, Tensor second, Generator generator)
    {
        using DisposeScope scope = NewDisposeScope();
        long length = first.shape[0];
        (Tensor toFirst, Tensor toSecond) = (_first.narrow(0, start, length), _second.narrow(0, start, length));
        if (_firstBase is null || _secondBase is null)
        {
            toFirst.copy_(RandomRounding.Round(first, NarrowNumbers.HalfMantissa, generator));
            toSecond.copy_(RandomRounding.Round(second, NarrowNumbers.HalfMantissa, generator));
            return;
        }
        EightBitTensors.Write(first, toFirst, _firstBase.narrow(0, block, Blocks(length)), signed: true, generator);
        EightBitTensors.Write(second, toSecond, _secondBase.narrow(0, block, Blocks(length)), signed: false, generator);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
        _firstBase?.Dispose();
        _secondBase?.Dispose();
    }
}
