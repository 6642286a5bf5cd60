using System.Runtime.InteropServices;
using HyperDas.Engine.Numerics.Kernels;

namespace HyperDas.Engine.Numerics;

/// <summary>Goes through narrow moments block by block: each is widened, and what was made of it is rounded back.</summary>
internal ref struct MomentBlocks
{
    private readonly MomentFormat _format;
    private readonly uint _seed;
    private readonly long _start;
    private readonly Span<byte> _first, _second;
    private readonly Span<int> _firstBase, _secondBase;
    private readonly int _total;
    private readonly float[] _wide = new float[2 * NarrowNumbers.BlockLength];
    private readonly uint[] _random = new uint[NarrowNumbers.BlockLength];

    /// <summary>Begins before the first block.</summary>
    /// <param name="piece">The moments, in a narrow format.</param>
    /// <param name="seed">Of the rounding.</param>
    /// <param name="start">Place of the first number in the group.</param>
    public MomentBlocks(MomentPiece piece, uint seed, long start)
    {
        (_format, _seed, _start) = (piece.Format, seed, start);
        _first = piece.First.bytes;
        _second = piece.Second.bytes;
        _firstBase = piece.FirstBase is null ? [] : MemoryMarshal.Cast<byte, int>(piece.FirstBase.bytes);
        _secondBase = piece.SecondBase is null ? [] : MemoryMarshal.Cast<byte, int>(piece.SecondBase.bytes);
        _total = (int)piece.First.shape[0];
    }

    /// <summary>Where the block begins in the piece.</summary>
    public int Place { get; private set; }

    /// <summary>Numbers of the block.</summary>
    public int Length { get; private set; }

    /// <summary>First moments of the block, to be written over.</summary>
    public readonly Span<float> First => _wide.AsSpan(0, Length);

    /// <summary>Second moments of the block, to be written over.</summary>
    public readonly Span<float> Second => _wide.AsSpan(NarrowNumbers.BlockLength, Length);

    private readonly int Block => Place / NarrowNumbers.BlockLength;

    /// <summary>Goes to the next block.</summary>
    /// <returns>Whether there is one.</returns>
    public bool Next()
    {
        Place += Length;
        Length = Math.Min(NarrowNumbers.BlockLength, _total - Place);
        if (Length == 0)
        {
            return false;
        }
        if (_format == MomentFormat.BFloat16)
        {
            NarrowNumbers.FromBFloat16(Halves(_first), First);
            NarrowNumbers.FromBFloat16(Halves(_second), Second);
        }
        else
        {
            NarrowNumbers.FromEightBit(_first.Slice(Place, Length), _firstBase[Block], signed: true, First);
            NarrowNumbers.FromEightBit(_second.Slice(Place, Length), _secondBase[Block], signed: false, Second);
        }
        return true;
    }

    /// <summary>Keeps what was made of the block.</summary>
    public readonly void Keep()
    {
        Span<uint> random = _random.AsSpan(0, Length);
        NarrowNumbers.Random(_seed, unchecked((uint)(_start + Place)), random);
        if (_format == MomentFormat.BFloat16)
        {
            NarrowNumbers.ToBFloat16(First, random, upper: false, Halves(_first));
            NarrowNumbers.ToBFloat16(Second, random, upper: true, Halves(_second));
        }
        else
        {
            _firstBase[Block] = NarrowNumbers.ToEightBitSigned(First, random, _first.Slice(Place, Length));
            _secondBase[Block] = NarrowNumbers.ToEightBitUnsigned(Second, random, _second.Slice(Place, Length));
        }
    }

    private readonly Span<ushort> Halves(Span<byte> codes) => MemoryMarshal.Cast<byte, ushort>(codes).Slice(Place, Length);
}
