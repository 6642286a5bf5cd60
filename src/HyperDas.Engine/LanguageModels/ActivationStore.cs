using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <summary>
/// Hidden vectors of token sequences in one growing slab, a row per token. Batches are assembled with a single gather; when the slab has
/// reached its limit, the sequences that were used longest ago give their rows back.
/// </summary>
internal sealed class ActivationStore : IDisposable
{
    private readonly long _width;
    private readonly long _rowLimit;
    private readonly Dictionary<int[], LinkedListNode<Entry>> _entries = new(SequenceComparer.Instance);
    private readonly LinkedList<Entry> _byUse = new();
    private readonly Stack<int> _free = new();
    private Tensor _slab;
    private int _next = 1;

    /// <param name="width">Numbers per token.</param>
    /// <param name="dtype">Number format.</param>
    /// <param name="device">Where the slab lives.</param>
    /// <param name="byteLimit">Size that the slab doesn't grow beyond, unless one batch alone needs more.</param>
    public ActivationStore(long width, ScalarType dtype, Device device, long byteLimit)
    {
        _width = width;
        _rowLimit = Math.Max(2, byteLimit / (width * (dtype == ScalarType.Float32 ? 4 : 2)));
        // Row 0 stays zero: padding refers to it.
        _slab = zeros([Math.Min(1024, _rowLimit), width], dtype, device).DetachFromDisposeScope();
    }

    /// <summary>Numbers per token.</summary>
    public long Width => _width;

    /// <summary>Bytes of the slab.</summary>
    public long Bytes => _slab.numel() * _slab.element_size();

    /// <summary>Whether more sequences fit without giving up others.</summary>
    /// <param name="rows">Tokens to be added.</param>
    public bool HasRoom(int rows) => _next + rows - _free.Count <= _rowLimit;

    /// <summary>The rows of a sequence, or null when they must be computed.</summary>
    /// <param name="sequence">Token ids.</param>
    public int[]? Find(int[] sequence)
    {
        if (!_entries.TryGetValue(sequence, out LinkedListNode<Entry>? node))
        {
            return null;
        }
        _byUse.Remove(node);
        _byUse.AddLast(node);
        return node.Value.Rows;
    }

    /// <summary>Stores computed vectors.</summary>
    /// <param name="sequence">Token ids.</param>
    /// <param name="vectors"><c>[tokens, width]</c>, any float type.</param>
    /// <param name="protectedSequences">Sequences of the batch at hand, which must not give way.</param>
    public void Put(int[] sequence, Tensor vectors, IReadOnlySet<int[]> protectedSequences)
    {
        if (_entries.ContainsKey(sequence))
        {
            return;
        }
        Write(Add(sequence, protectedSequences).Rows, vectors);
    }

    /// <summary>Forgets all sequences; the slab stays.</summary>
    public void Clear()
    {
        _entries.Clear();
        _byUse.Clear();
        _free.Clear();
        _next = 1;
    }

    /// <summary>Makes room for sequences that are to be computed together later.</summary>
    /// <param name="group">Their token ids.</param>
    /// <param name="protectedSequences">As for <see cref="Put"/>.</param>
    public void Promise(int[][] group, IReadOnlySet<int[]> protectedSequences)
    {
        foreach (int[] sequence in group.Where(s => !_entries.ContainsKey(s)))
        {
            Add(sequence, protectedSequences).Group = group;
        }
    }

    /// <summary>The groups of which a sequence was promised and hasn't given way since.</summary>
    public IReadOnlyList<int[][]> Promised() => [.. _byUse.Select(e => e.Group).OfType<int[][]>().Distinct()];

    /// <summary>Stores the computed vectors of a promised group, as far as they are still wanted.</summary>
    /// <param name="group">One of <see cref="Promised"/>.</param>
    /// <param name="vectors">Gives the vectors of the group's sequence with a number, <c>[tokens, width]</c>.</param>
    public void Fulfil(int[][] group, Func<int, Tensor> vectors)
    {
        for (int n = 0; n < group.Length; n++)
        {
            if (_entries.TryGetValue(group[n], out LinkedListNode<Entry>? node) && ReferenceEquals(node.Value.Group, group))
            {
                Write(node.Value.Rows, vectors(n));
                node.Value.Group = null;
            }
        }
    }

    /// <summary>Gathers rows.</summary>
    /// <param name="rows">Row numbers, 0 for padding.</param>
    /// <param name="shape">Shape of the result without its last axis.</param>
    /// <returns><c>[shape…, width]</c>.</returns>
    public Tensor Gather(long[] rows, params long[] shape)
    {
        using DisposeScope scope = NewDisposeScope();
        return _slab.index_select(0, tensor(rows, ScalarType.Int64, _slab.device)).view([.. shape, _width]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => _slab.Dispose();

    private Entry Add(int[] sequence, IReadOnlySet<int[]> protectedSequences)
    {
        Entry entry = new(sequence, Allocate(sequence.Length, protectedSequences));
        _entries[sequence] = _byUse.AddLast(entry);
        return entry;
    }

    private void Write(int[] rows, Tensor vectors)
    {
        using DisposeScope scope = NewDisposeScope();
        _slab.index_copy_(0, tensor(rows, ScalarType.Int64, _slab.device), vectors.to_type(_slab.dtype));
    }

    private int[] Allocate(int count, IReadOnlySet<int[]> protectedSequences)
    {
        LinkedListNode<Entry>? oldest = _byUse.First;
        while (!HasRoom(count) && oldest is not null)
        {
            LinkedListNode<Entry>? next = oldest.Next;
            if (!protectedSequences.Contains(oldest.Value.Sequence))
            {
                foreach (int row in oldest.Value.Rows)
                {
                    _free.Push(row);
                }
                _entries.Remove(oldest.Value.Sequence);
                _byUse.Remove(oldest);
            }
            oldest = next;
        }
        int[] rows = new int[count];
        for (int i = 0; i < count; i++)
        {
            rows[i] = _free.Count > 0 ? _free.Pop() : _next++;
        }
        Grow();
        return rows;
    }

    private void Grow()
    {
        long present = _slab.shape[0];
        if (_next <= present)
        {
            return;
        }
        using DisposeScope scope = NewDisposeScope();
        Tensor larger = zeros([Math.Max(_next, Math.Min(2 * present, _rowLimit)), _width], _slab.dtype, _slab.device);
        larger.narrow(0, 0, present).copy_(_slab);
        _slab.Dispose();
        _slab = larger.DetachFromDisposeScope();
    }

    private sealed record Entry(int[] Sequence, int[] Rows)
    {
        /// <summary>What it will be computed together with; null when it is there.</summary>
        public int[][]? Group { get; set; }
    }
}
