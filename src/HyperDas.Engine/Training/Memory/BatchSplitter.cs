using System.Globalization;
using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Training.Memory;

/// <summary>Divides batches so that a step stays below a limit of memory.</summary>
/// <param name="memory">What steps take.</param>
/// <param name="limit">Bytes; null for no limit.</param>
internal sealed class BatchSplitter(StepMemory memory, long? limit)
{
    /// <summary>The parts of a batch, as few and as alike in size as possible, in order.</summary>
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

    /// <summary>Refuses a limit that the largest example alone exceeds.</summary>
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
                    $"MemoryLimit is {limit} bytes; a step of one example takes {least}. Give at least that."), limit);
        }
    }

    private static int Size(int count, int parts) => (count + parts - 1) / parts;
}
