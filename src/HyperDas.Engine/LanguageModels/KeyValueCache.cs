using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <summary>
/// Keys and values of the tokens processed so far, block by block, so the next token costs one column instead of a whole pass. Padding also
/// occupies columns; the attention mask hides it. No gradient flows through a cache.
/// </summary>
/// <param name="blockCount">Number of blocks that fill the cache.</param>
public sealed class KeyValueCache(int blockCount) : IDisposable
{
    private readonly (Tensor Keys, Tensor Values)?[] _blocks = new (Tensor, Tensor)?[blockCount];

    /// <summary>Number of columns that every block has processed.</summary>
    public long Length => _blocks.Min(b => b?.Keys.shape[2] ?? 0);

    /// <summary>Appends the columns of one pass.</summary>
    /// <param name="block">0-based index of the block.</param>
    /// <param name="keys"><c>[batch, groups, new, headWidth]</c>.</param>
    /// <param name="values"><c>[batch, groups, new, headWidth]</c>.</param>
    /// <returns>All columns so far, <c>[batch, groups, columns, headWidth]</c>; they belong to the cache.</returns>
    internal (Tensor Keys, Tensor Values) Append(int block, Tensor keys, Tensor values)
    {
        (Tensor Keys, Tensor Values)? before = _blocks[block];
        (Tensor Keys, Tensor Values) now = before is { } old
            ? (cat([old.Keys, keys.detach()], 2), cat([old.Values, values.detach()], 2))
            : (keys.detach().clone(), values.detach().clone());
        now.Keys.DetachFromDisposeScope();
        now.Values.DetachFromDisposeScope();
        _blocks[block] = now;
        before?.Keys.Dispose();
        before?.Values.Dispose();
        return now;
    }

    /// <summary>Removes all columns.</summary>
    public void Clear() => Dispose();

    /// <summary>Releases the native memory.</summary>
    public void Dispose()
    {
        for (int i = 0; i < _blocks.Length; i++)
        {
            _blocks[i]?.Keys.Dispose();
            _blocks[i]?.Values.Dispose();
            _blocks[i] = null;
        }
    }
}
