using System.Globalization;
using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Training.Memory;

/// <summary>Splits batches to keep a step below a memory limit.</summary>
/// <param name="memory">Memory of the steps.</param>
/// <param name="limit">Bytes; null for no limit.</param>
internal sealed class BatchSplitter(StepMemory memory, long? limit)
{
    /// <summary>The parts of a batch in order, as few and as equal in size as possible.</summary>
    /// <param name="batch">Its examples.</param>
    public IEnumerable<IReadOnlyList<TokenizedExample>> Split(IReadOnlyList<TokenizedExample> batch)
    {
        if (limit is null)
        {
            return [batch];
        }
        StepShape whole = StepShape.Of(batch);
        int parts = 1;
        while (parts < batch.Count && memory.Bytes(whole with { Examples = Size(batch.Count, parts) }) > limit)
        {
            parts++;
        }
        return parts == 1 ? [batch] : batch.Chunk(Size(batch.Count, parts));
    }

    /// <summary>Throws if the largest example alone exceeds the limit.</summary>
    /// <param name="examples">All examples of a training.</param>
    /// <exception cref="HyperDasException"><c>MemoryInsufficient</c>.</exception>
    public void ThrowIfTooLarge(IReadOnlyList<TokenizedExample> examples)
    {
        if (limit is null)
        {
            return;
        }
        long least = memory.Bytes(StepShape.Of(examples) with { Examples = 1 });
        if (least > limit)
        {
            throw new HyperDasException(
                "MemoryInsufficient", HyperDasErrorKind.InvalidArgument,
                string.Create(CultureInfo.InvariantCulture,
                    $"MemoryLimit is {limit} bytes; it must be at least {least}, the memory of a step with one example."), limit);
        }
    }

    private static int Size(int count, int parts) => (count + parts - 1) / parts;
}
