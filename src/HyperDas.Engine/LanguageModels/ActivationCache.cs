using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels.ActivationFiles;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <summary>
/// Cached hidden states of a frozen target model, computed once per token sequence (docs/methods.md#hidden-states-and-layers). There are
/// two kinds: the states of a prompt's visible prefix that the interpreter reads (of one layer or of all), and the states at the
/// intervention layer of a whole base sequence, from which the patched run continues.
/// </summary>
public sealed class ActivationCache : IDisposable
{
    /// <summary>Default memory limit of the cache, in bytes.</summary>
    public const long DefaultByteLimit = 2L << 30;

    private const int BatchRows = 64;
    private readonly LanguageModel _model;
    private readonly int _layer;
    private readonly StackDepth _depth;
    private readonly ActivationStore _stacks;
    private readonly ActivationStore _layers;
    private readonly ActivationFolder? _files;
    private readonly Dictionary<ActivationStore, ActivationShelf> _shelves = [];
    private bool _deferring;
    private long _fromMemory, _fromFiles, _computed;

    /// <summary>Creates an empty cache.</summary>
    /// <param name="model">The target model; it must outlive the cache.</param>
    /// <param name="layer">Intervention layer ℓ, 0 to L.</param>
    /// <param name="depth">Which states of visible prefixes are cached.</param>
    /// <param name="byteLimit">Memory limit of the cache; a batch that needs more still gets it.</param>
    /// <param name="files">Files in which states are looked up before they are computed, and stored afterwards; null for memory only. They
    /// must outlive the cache.</param>
    public ActivationCache(
        LanguageModel model, int layer, StackDepth depth, long byteLimit = DefaultByteLimit, ActivationFolder? files = null)
    {
        _depth = depth;
        _model = model;
        _layer = layer;
        long width = model.Config.HiddenSize, levels = StackLevels;
        _stacks = new ActivationStore(levels * width, model.ScalarType, model.TorchDevice, byteLimit / (levels + 1) * levels);
        _layers = new ActivationStore(width, model.ScalarType, model.TorchDevice, byteLimit / (levels + 1));
        _files = files;
        if (files is not null)
        {
            // Prefixes and whole sequences at one layer are the same states, and in a causal model those of the same tokens are equal.
            _shelves[_layers] = files.Shelf(Key(1, "layer"));
            _shelves[_stacks] = levels == 1 ? _shelves[_layers] : files.Shelf(Key(levels, "all layers"));
        }
    }

    /// <summary>Where states came from so far.</summary>
    public ActivationUse Use => new(_fromMemory, _fromFiles, _computed);

    /// <summary>Current size in bytes.</summary>
    public long Bytes => _stacks.Bytes + _layers.Bytes;

    /// <summary>
    /// Number of states cached per visible token. The last one is the intervention layer's residual stream. If all layers are read, Hugging
    /// Face's L + 1 states precede it, of which <c>hidden_states[ℓ]</c> differs from it only at ℓ = L
    /// (docs/methods.md#hidden-states-and-layers).
    /// </summary>
    public int StackLevels => _depth == StackDepth.AllLayers ? _model.Config.BlockCount + 2 : 1;

    /// <summary>
    /// Makes the cache only record requests until <see cref="Compute(IProgress{WorkProgress}?, CancellationToken)"/>. A resumed training
    /// replays its requests and then has the same cache contents, with each sequence computed in its original batch. In another batch the
    /// last bits of a number may differ.
    /// </summary>
    internal void Defer() => _deferring = true;

    /// <summary>Clears the memory; files are kept.</summary>
    internal void Clear()
    {
        _stacks.Clear();
        _layers.Clear();
    }

    /// <summary>Computes the recorded requests that are still needed.</summary>
    /// <param name="progress">Receives the number of processed batches.</param>
    /// <param name="cancellation">Checked between batches.</param>
    internal void Compute(IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        _deferring = false;
        (ActivationStore Store, int[][] Group)[] noted =
            [.. new[] { _stacks, _layers }.SelectMany(store => store.Promised().Select(group => (store, group)))];
        for (int i = 0; i < noted.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            Tensor vectors = States(noted[i].Store, noted[i].Group);
            noted[i].Store.Fulfil(noted[i].Group, n => vectors[n].narrow(0, 0, noted[i].Group[n].Length));
            Keep(noted[i].Store, noted[i].Group, vectors);
            _computed += noted[i].Group.Length;
            progress?.Report(new WorkProgress("Reading hidden states", $"{i + 1} of {noted.Length} batches", i + 1, noted.Length));
        }
    }

    /// <summary>Requests a batch's states without returning them.</summary>
    /// <param name="prefixes">Visible parts of prompts.</param>
    internal void TouchStacks(IReadOnlyList<int[]> prefixes) => Rows(_stacks, prefixes, prefixes.Max(p => p.Length));

    /// <summary>Requests a batch's states without returning them.</summary>
    /// <param name="sequences">Whole base sequences.</param>
    internal void TouchLayers(IReadOnlyList<int[]> sequences) => Rows(_layers, sequences, sequences.Max(s => s.Length));

    /// <summary>Computes missing states in large batches, as far as they fit.</summary>
    /// <param name="visiblePrefixes">Visible parts of prompts.</param>
    /// <param name="baseSequences">Whole base sequences.</param>
    /// <param name="progress">Receives the number of processed sequences.</param>
    /// <param name="cancellation">Checked between batches.</param>
    public void Prefetch(
        IEnumerable<int[]> visiblePrefixes, IEnumerable<int[]> baseSequences, IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        int[][] stacks = Missing(_stacks, visiblePrefixes), layers = Missing(_layers, baseSequences);
        stacks = [.. stacks.Where(s => !Load(_stacks, s, null, cancellation))];
        layers = [.. layers.Where(s => !Load(_layers, s, null, cancellation))];
        long total = stacks.Length + layers.Length, done = 0;
        foreach ((ActivationStore store, int[][] wanted) in new[] { (_stacks, stacks), (_layers, layers) })
        {
            foreach (int[][] chunk in wanted.Chunk(BatchRows))
            {
                cancellation.ThrowIfCancellationRequested();
                if (!store.HasRoom(chunk.Sum(s => s.Length)))
                {
                    break;
                }
                Compute(store, chunk);
                done += chunk.Length;
                progress?.Report(new WorkProgress("Reading hidden states", $"{done} of {total} prompts", done, total));
            }
        }
    }

    /// <summary>All states of visible prefixes.</summary>
    /// <param name="prefixes">Token ids, one sequence per row of the batch.</param>
    /// <param name="length">Length to pad to.</param>
    /// <returns><c>[batch, length, levels, d]</c>, see <see cref="StackLevels"/>, padded with zeros.</returns>
    public Tensor Stacks(IReadOnlyList<int[]> prefixes, int length)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = _stacks.Gather(Rows(_stacks, prefixes, length), prefixes.Count, length);
        return rows.view(prefixes.Count, length, StackLevels, -1).MoveToOuterDisposeScope();
    }

    /// <summary>States at the intervention layer of whole sequences, before any final norm.</summary>
    /// <param name="sequences">Token ids, one sequence per row of the batch.</param>
    /// <param name="length">Length to pad to.</param>
    /// <returns><c>[batch, length, d]</c>, padded with zeros.</returns>
    public Tensor Layers(IReadOnlyList<int[]> sequences, int length) =>
        _layers.Gather(Rows(_layers, sequences, length), sequences.Count, length);

    /// <inheritdoc/>
    public void Dispose()
    {
        _files?.Seal();
        _stacks.Dispose();
        _layers.Dispose();
    }

    private long[] Rows(ActivationStore store, IReadOnlyList<int[]> sequences, int length)
    {
        int[][] missing = Missing(store, sequences);
        HashSet<int[]>? batch = missing.Length == 0 ? null : new(sequences, SequenceComparer.Instance);
        _fromMemory += _deferring ? 0 : sequences.Count - missing.Length;
        missing = [.. missing.Where(s => !Load(store, s, batch))];
        foreach (int[][] chunk in missing.Chunk(BatchRows))
        {
            Compute(store, chunk, batch);
        }
        long[] rows = new long[sequences.Count * length];
        for (int n = 0; n < sequences.Count; n++)
        {
            int[] found = store.Find(sequences[n])!;
            for (int t = 0; t < found.Length; t++)
            {
                rows[(n * length) + t] = found[t];
            }
        }
        return rows;
    }

    private static int[][] Missing(ActivationStore store, IEnumerable<int[]> sequences) =>
        [.. sequences.Distinct(SequenceComparer.Instance).Where(s => store.Find(s) is null).OrderBy(s => s.Length)];

    private void Compute(ActivationStore store, int[][] sequences, IReadOnlySet<int[]>? batch = null)
    {
        batch ??= new HashSet<int[]>(sequences, SequenceComparer.Instance);
        if (_deferring)
        {
            store.Promise(sequences, batch);
            return;
        }
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor vectors = States(store, sequences);
        for (int n = 0; n < sequences.Length; n++)
        {
            store.Put(sequences[n], vectors[n].narrow(0, 0, sequences[n].Length), batch);
        }
        Keep(store, sequences, vectors);
        _computed += sequences.Length;
    }

    /// <summary>
    /// Loads a sequence's states from the files into memory, if they contain them; without a batch only as long as nothing else must be
    /// evicted.
    /// </summary>
    private bool Load(ActivationStore store, int[] sequence, IReadOnlySet<int[]>? batch, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        if (!_shelves.TryGetValue(store, out ActivationShelf? shelf) || (batch is null && !store.HasRoom(sequence.Length))
            || shelf.Read(sequence) is not { } states)
        {
            return false;
        }
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor vectors = empty([sequence.Length, store.Width], _model.ScalarType);
        states.CopyTo(vectors.bytes);
        store.Put(sequence, vectors.to(_model.TorchDevice), batch ?? new HashSet<int[]>([sequence], SequenceComparer.Instance));
        _fromFiles++;
        return true;
    }

    private void Keep(ActivationStore store, int[][] sequences, Tensor vectors)
    {
        if (!_shelves.TryGetValue(store, out ActivationShelf? shelf))
        {
            return;
        }
        using DisposeScope scope = NewDisposeScope();
        Tensor host = vectors.to_type(_model.ScalarType).cpu();
        shelf.Write([.. sequences.Select((ids, n) => (ids, host[n].narrow(0, 0, ids.Length).contiguous().bytes.ToArray()))]);
    }

    private ActivationKey Key(long levels, string content) => new(
        _model.Fingerprint,
        $"{(_model.Dtype == _model.ComputeDtype ? "" : $"{_model.Dtype} in ")}{_model.ComputeDtype}/{_model.TorchDevice.type}", _layer,
        content, levels * _model.HiddenSize * SafetensorsDtype.ElementSize(_model.ScalarType));

    // [batch, tokens, numbers per token], in the caller's dispose scope.
    private Tensor States(ActivationStore store, int[][] sequences)
    {
        using IDisposable noGradient = no_grad();
        (Tensor ids, Tensor mask) = PaddedSequences.Right(sequences, _model.TorchDevice);
        BlockContext context = _model.CreateContext(mask);
        return store == _layers || _depth == StackDepth.InterventionLayer
            ? _model.RunBlocks(_model.Embed(ids, context), 0, _layer, context)
            : AllStates(ids, context).flatten(2);
    }

    /// <summary>[batch, tokens, L + 2, d]: see <see cref="StackLevels"/>.</summary>
    private Tensor AllStates(Tensor ids, BlockContext context)
    {
        int blocks = _model.Config.BlockCount;
        List<Tensor> states = [_model.Embed(ids, context)];
        for (int i = 0; i < blocks; i++)
        {
            states.Add(_model.RunBlocks(states[i], i, i + 1, context));
        }
        Tensor residual = states[_layer];
        states[blocks] = _model.FinalNorm(states[blocks]);
        states.Add(residual);
        return stack(states, 2);
    }
}
