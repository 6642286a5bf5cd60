using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <summary>
/// Hidden states of a frozen target model, computed once per token sequence and kept (spec/hyperdas, appendix C). Two kinds are needed:
/// the states of a prompt's visible prefix that the interpreter reads (of one layer or of all), and the states at the intervention layer of a whole base
/// sequence, from which the patched run goes on.
/// </summary>
public sealed class ActivationCache : IDisposable
{
    /// <summary>Memory that the cache takes unless told otherwise, in bytes.</summary>
    public const long DefaultByteLimit = 2L << 30;

    private const int BatchRows = 64;
    private readonly LanguageModel _model;
    private readonly int _layer;
    private readonly StackDepth _depth;
    private readonly ActivationStore _stacks;
    private readonly ActivationStore _layers;
    private bool _deferring;

    /// <summary>Creates an empty cache.</summary>
    /// <param name="model">The target model; it must outlive the cache.</param>
    /// <param name="layer">Intervention layer ℓ, 0 to L.</param>
    /// <param name="depth">Which states of visible prefixes are kept.</param>
    /// <param name="byteLimit">Memory that the cache may take; a batch that needs more still gets it.</param>
    public ActivationCache(LanguageModel model, int layer, StackDepth depth, long byteLimit = DefaultByteLimit)
    {
        _depth = depth;
        _model = model;
        _layer = layer;
        long width = model.Config.HiddenSize, levels = StackLevels;
        _stacks = new ActivationStore(levels * width, model.ScalarType, model.TorchDevice, byteLimit / (levels + 1) * levels);
        _layers = new ActivationStore(width, model.ScalarType, model.TorchDevice, byteLimit / (levels + 1));
    }

    /// <summary>Bytes held now.</summary>
    public long Bytes => _stacks.Bytes + _layers.Bytes;

    /// <summary>
    /// States kept per visible token. The last one is the intervention layer's residual stream; before it, where all layers are read, come
    /// Hugging Face's L + 1, of which <c>hidden_states[ℓ]</c> differs from it only at ℓ = L (spec 1.2).
    /// </summary>
    public int StackLevels => _depth == StackDepth.AllLayers ? _model.Config.BlockCount + 2 : 1;

    /// <summary>
    /// From now on the cache only notes what it would compute, until <see cref="Compute(IProgress{WorkProgress}?, CancellationToken)"/>: a
    /// resumed training repeats what it had asked for, and then holds what it held before, each sequence computed in the batch that it
    /// was computed in then. In another batch the last bits of a number may differ.
    /// </summary>
    internal void Defer() => _deferring = true;

    /// <summary>Computes what was noted and is still wanted.</summary>
    /// <param name="progress">Told about batches done.</param>
    /// <param name="cancellation">Checked between batches.</param>
    internal void Compute(IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        _deferring = false;
        (ActivationStore Store, int[][] Group)[] noted = [.. new[] { _stacks, _layers }.SelectMany(store => store.Promised().Select(group => (store, group)))];
        for (int i = 0; i < noted.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            Tensor vectors = States(noted[i].Store, noted[i].Group);
            noted[i].Store.Fulfil(noted[i].Group, n => vectors[n].narrow(0, 0, noted[i].Group[n].Length));
            progress?.Report(new WorkProgress("Reading hidden states", $"{i + 1} of {noted.Length} batches", i + 1, noted.Length));
        }
    }

    /// <summary>Asks for what a batch needs, without giving it.</summary>
    /// <param name="prefixes">Visible parts of prompts.</param>
    internal void TouchStacks(IReadOnlyList<int[]> prefixes) => Rows(_stacks, prefixes, prefixes.Max(p => p.Length));

    /// <summary>Asks for what a batch needs, without giving it.</summary>
    /// <param name="sequences">Whole base sequences.</param>
    internal void TouchLayers(IReadOnlyList<int[]> sequences) => Rows(_layers, sequences, sequences.Max(s => s.Length));

    /// <summary>Computes what isn't there yet, in large batches, as long as it fits.</summary>
    /// <param name="visiblePrefixes">Visible parts of prompts.</param>
    /// <param name="baseSequences">Whole base sequences.</param>
    /// <param name="progress">Told about sequences done.</param>
    /// <param name="cancellation">Checked between batches.</param>
    public void Prefetch(
        IEnumerable<int[]> visiblePrefixes, IEnumerable<int[]> baseSequences, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        int[][] stacks = Missing(_stacks, visiblePrefixes), layers = Missing(_layers, baseSequences);
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
    /// <param name="prefixes">Token ids, one sequence a row of the batch.</param>
    /// <param name="length">Length to pad to.</param>
    /// <returns><c>[batch, length, levels, d]</c>, see <see cref="StackLevels"/>, zeros as padding.</returns>
    public Tensor Stacks(IReadOnlyList<int[]> prefixes, int length)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = _stacks.Gather(Rows(_stacks, prefixes, length), prefixes.Count, length);
        return rows.view(prefixes.Count, length, StackLevels, -1).MoveToOuterDisposeScope();
    }

    /// <summary>States at the intervention layer of whole sequences, before any final norm.</summary>
    /// <param name="sequences">Token ids, one sequence a row of the batch.</param>
    /// <param name="length">Length to pad to.</param>
    /// <returns><c>[batch, length, d]</c>, zeros as padding.</returns>
    public Tensor Layers(IReadOnlyList<int[]> sequences, int length) =>
        _layers.Gather(Rows(_layers, sequences, length), sequences.Count, length);

    /// <inheritdoc/>
    public void Dispose()
    {
        _stacks.Dispose();
        _layers.Dispose();
    }

    private long[] Rows(ActivationStore store, IReadOnlyList<int[]> sequences, int length)
    {
        int[][] missing = Missing(store, sequences);
        HashSet<int[]>? batch = missing.Length == 0 ? null : new(sequences, SequenceComparer.Instance);
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
    }

    // [batch, tokens, numbers per token], in the caller's dispose scope.
    private Tensor States(ActivationStore store, int[][] sequences)
    {
        using IDisposable noGradient = no_grad();
        (Tensor ids, Tensor mask) = PaddedSequences.Right(sequences, _model.TorchDevice);
        BlockContext context = _model.CreateContext(mask);
        return store == _layers || _depth == StackDepth.InterventionLayer
            ? _model.RunBlocks(_model.Embed(ids), 0, _layer, context)
            : AllStates(ids, context).flatten(2);
    }

    /// <summary>[batch, tokens, L + 2, d]: see <see cref="StackLevels"/>.</summary>
    private Tensor AllStates(Tensor ids, BlockContext context)
    {
        int blocks = _model.Config.BlockCount;
        List<Tensor> states = [_model.Embed(ids)];
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
