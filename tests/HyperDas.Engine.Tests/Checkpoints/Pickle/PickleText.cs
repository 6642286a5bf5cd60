using System.Buffers.Binary;
using System.Text;

namespace HyperDas.Engine.Tests.Checkpoints.Pickle;

/// <summary>Writes pickles operation by operation.</summary>
internal sealed class PickleText
{
    private readonly List<byte> _bytes = [0x80, 2];

    internal byte[] Stop() => [.. _bytes, (byte)'.'];

    internal PickleText Do(params byte[] operations)
    {
        _bytes.AddRange(operations);
        return this;
    }

    internal PickleText Do(string operations) => Do(Encoding.ASCII.GetBytes(operations));

    internal PickleText Global(string module, string name) => Do($"c{module}\n{name}\n");

    internal PickleText Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text), length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
        return Do([(byte)'X', .. length, .. utf8]);
    }

    internal PickleText Number(long number)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        return number is >= 0 and < 256 ? Do([(byte)'K', bytes[0]]) : Do([0x8a, 8, .. bytes]);
    }

    internal PickleText Tuple(IEnumerable<long> numbers)
    {
        Do("(");
        foreach (long number in numbers)
        {
            Number(number);
        }
        return Do("t");
    }

    /// <summary>The persistent id of a storage.</summary>
    internal PickleText Storage(string type, string key, long count, string module = "torch") =>
        Do("(").Text("storage").Global(module, type).Text(key).Text("cpu").Number(count).Do("tQ");

    /// <summary>A tensor without gaps at the beginning of a storage that it doesn't share.</summary>
    internal PickleText Tensor(string type, string key, long[] shape) =>
        Global("torch._utils", "_rebuild_tensor_v2").Do("(").Storage(type, key, shape.Aggregate(1L, (a, b) => a * b)).Number(0).Tuple(shape)
            .Tuple(Dense(shape))
            .Do(0x89).Global("collections", "OrderedDict").Do(")RtR");

    internal static long[] Dense(long[] shape) => [.. shape.Select((_, axis) => shape[(axis + 1)..].Aggregate(1L, (a, b) => a * b))];
}
