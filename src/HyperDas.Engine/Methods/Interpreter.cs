using HyperDas.Engine.Interventions;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.LanguageModels.ActivationFiles;
using HyperDas.Engine.Methods.Concepts;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods;

/// <summary>What an interpreter proposes for a batch: where, and in which subspace.</summary>
/// <param name="Weights">Soft selection weights, <c>[batch, source + 1, base]</c>.</param>
/// <param name="Change">What is added to the hidden vectors where something is mixed in.</param>
public readonly record struct Patch(Tensor Weights, HiddenChange Change)
{
    /// <summary>A patch in a linear subspace.</summary>
    /// <param name="weights">Soft selection weights, <c>[batch, source + 1, base]</c>.</param>
    /// <param name="project">Maps a difference of hidden vectors to its part that is patched.</param>
    public Patch(Tensor weights, Func<Tensor, Tensor> project)
        : this(weights, (_, delta) => project(delta))
    {
    }
}

/// <summary>
/// Decides the patch. Everything that trains, scores or intervenes works with this contract, so that methods differ in nothing but their
/// proposal.
/// </summary>
public abstract class Interpreter : InterpreterHandle
{
    // With fewer tokens reading the weights is most of a product's time, and each is read once more when these have passes of their own.
    private const long FewestFixedTokens = 128;

    /// <summary>Creates an interpreter for a target model.</summary>
    /// <param name="target">The target model; it belongs to the caller.</param>
    /// <param name="layer">Intervention layer ℓ, 0 to L.</param>
    /// <exception cref="HyperDasException"><c>LayerInvalid</c>.</exception>
    protected Interpreter(LanguageModel target, int layer)
    {
        ThrowIfNoLayer(target, layer);
        Target = target;
        Layer = layer;
        Parameters = new ParameterStore(target.TorchDevice);
    }

    /// <summary>The target model.</summary>
    public LanguageModel Target { get; }

    /// <inheritdoc/>
    public sealed override ModelHandle Model => Target;

    /// <inheritdoc/>
    public sealed override int Layer { get; }

    /// <inheritdoc/>
    public sealed override long ParameterCount => Parameters.ParameterCount;

    /// <inheritdoc/>
    public sealed override string? Path => SavedPath;

    /// <summary>Folder of the last save or load.</summary>
    internal string? SavedPath { get; set; }

    /// <summary>What it consists of; null of references, which consist of nothing.</summary>
    public virtual MethodOptions? Options => null;

    /// <summary>The concepts that it has learned one by one; null where it reads descriptions, or has learned nothing.</summary>
    public virtual IReadOnlyList<ConceptKey>? LearnedConcepts => null;

    /// <summary>How it was trained; null before that.</summary>
    public TrainingOptions? TrainedWith { get; internal set; }

    /// <summary>The concepts that it was trained on, in words; null where it wasn't told any, and for methods that read no words.</summary>
    public KnownConcepts? Known { get; internal set; }

    /// <summary>All trainable state; empty for methods that learn nothing.</summary>
    public ParameterStore Parameters { get; }

    /// <summary>Whether the selection weights are learned, so that a sparsity loss on them makes sense.</summary>
    public abstract bool LearnsSelection { get; }

    /// <summary>
    /// Whether it reads how a concept is described; otherwise it knows the dataset's attributes, whatever they are called.
    /// </summary>
    public virtual bool ReadsDescription => false;

    /// <summary>Whether the source is read after the final norm at ℓ = L, as the original does.</summary>
    public virtual bool NormedLastLayerSource => false;

    /// <summary>Whether it must be told where the entities are.</summary>
    public virtual bool NeedsEntities => false;

    /// <summary>Whether its patches change nothing but the token at the base's fixed position, whatever the selection mode.</summary>
    public virtual bool EditsEntitiesOnly => false;

    /// <summary>Which hidden states of the prompts it reads.</summary>
    public virtual StackDepth Reads => StackDepth.InterventionLayer;

    /// <summary>How examples are tokenised for it, above all what it may see.</summary>
    public virtual RavelCollatorOptions Collation => new();

    /// <summary>A cache of the hidden states that it needs.</summary>
    /// <param name="byteLimit">Memory that the cache may take.</param>
    /// <param name="shared">Whether it uses the files that the target model's states are kept in, if there are any; prompts that
    /// come once aren't worth it.</param>
    /// <returns>An empty cache; the caller disposes it.</returns>
    public ActivationCache CreateCache(long byteLimit = ActivationCache.DefaultByteLimit, bool shared = false) =>
        CreateCache(byteLimit, shared ? Target.ActivationFiles : null);

    /// <summary>A cache of the hidden states that it needs.</summary>
    /// <param name="byteLimit">Memory that the cache may take.</param>
    /// <param name="files">Where states that memory has no room for are kept; null for nowhere.</param>
    /// <returns>An empty cache; the caller disposes it.</returns>
    internal ActivationCache CreateCache(long byteLimit, ActivationFolder? files) => new(Target, Layer, Reads, byteLimit, files);

    /// <summary>The learned concept that a user's words mean; null for methods that read the words themselves.</summary>
    /// <param name="text">E.g. <c>the country of a city</c>.</param>
    /// <exception cref="HyperDasException"><c>ConceptUnknown</c>, <c>ConceptAmbiguous</c>.</exception>
    public virtual ConceptKey? ConceptOf(string text) => null;

    /// <summary>How near a user's words are to the concepts that it was trained on; null where it doesn't know.</summary>
    /// <param name="text">E.g. <c>the country of a city</c>.</param>
    /// <exception cref="HyperDasException"><c>ConceptUnknown</c>, <c>ConceptAmbiguous</c>, <c>ModelDisposed</c>.</exception>
    public ConceptNearness? Nearness(string text) =>
        ConceptOf(text) is { } learned ? new ConceptNearness(learned, 0) : Known?.Near(text, Target);

    /// <summary>
    /// Learns how a dataset's concepts may be called, for <see cref="Nearness"/>; nothing where the method reads no words, or the dataset
    /// has no concepts in words. What it knew of other domains stays.
    /// </summary>
    /// <param name="dataset">The dataset that it was trained on.</param>
    /// <param name="reads">
    /// True: the target reads thousands of short prompts, so that distances can be told; false: the nearest concept is told by its words.
    /// </param>
    /// <param name="progress">Told how many descriptions have been read; null for nobody.</param>
    /// <param name="cancellation">Checked often.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void LearnWords(
        RavelDataset dataset, bool reads = true, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (ReadsDescription)
        {
            Known = KnownConceptsBuilder.Of(dataset, Target, reads, Known, progress, cancellation);
        }
    }

    /// <summary>Proposes a patch for each example.</summary>
    /// <param name="batch">The examples.</param>
    /// <param name="coin">Decides whatever a method leaves to chance in training; null at evaluation, which
    /// leaves nothing to chance.</param>
    /// <returns>The proposal, in the caller's dispose scope.</returns>
    public abstract Patch Propose(InterchangeBatch batch, Random? coin = null);

    /// <summary>Sets the temperature of subspaces that have one.</summary>
    /// <param name="temperature">τ &gt; 0.</param>
    public virtual void SetTemperature(double temperature)
    {
    }

    /// <summary>A term of the training loss beside prediction and sparsity; null when there is none.</summary>
    /// <returns>A scalar, in the caller's dispose scope.</returns>
    public virtual Tensor? Penalty() => null;

    /// <summary>The selection weights that are applied: those of a patch, in a mode, where the base may be edited.</summary>
    /// <param name="batch">The examples.</param>
    /// <param name="patch">What was proposed for them.</param>
    /// <param name="mode">How weights become a patch.</param>
    /// <returns><c>[batch, source + 1, base]</c>.</returns>
    public static Tensor Select(InterchangeBatch batch, Patch patch, SelectionMode mode)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor applied = TokenSelection.Apply(patch.Weights, mode, batch.SourceEntity, batch.BaseEntity);
        return (batch.Editable is null ? applied : TokenSelection.Restrict(applied, batch.Editable)).MoveToOuterDisposeScope();
    }

    /// <summary>Applies a patch to the base's hidden states.</summary>
    /// <param name="batch">The examples.</param>
    /// <param name="patch">What was proposed for them.</param>
    /// <param name="mode">How weights become a patch.</param>
    /// <returns>Edited hidden states at the intervention layer, <c>[batch, tokens, d]</c>.</returns>
    public static Tensor Edit(InterchangeBatch batch, Patch patch, SelectionMode mode)
    {
        using Tensor applied = Select(batch, patch, mode);
        return Edit(batch, patch, applied);
    }

    /// <summary>Applies a patch with weights that were selected already.</summary>
    /// <param name="batch">The examples.</param>
    /// <param name="patch">What was proposed for them.</param>
    /// <param name="applied">What <see cref="Select"/> gave.</param>
    /// <returns>Edited hidden states at the intervention layer, <c>[batch, tokens, d]</c>.</returns>
    public static Tensor Edit(InterchangeBatch batch, Patch patch, Tensor applied) =>
        Interchange.Apply(batch.BaseHidden, batch.SourceHidden, applied, patch.Change);

    /// <summary>A patch as an edit of the prompts that texts are generated from.</summary>
    /// <param name="batch">The examples; only what stands before their labels is generated from.</param>
    /// <param name="patch">What was proposed for them.</param>
    /// <param name="applied">What <see cref="Select"/> gave.</param>
    /// <returns>The edit, as long as batch, patch and weights live.</returns>
    public HiddenEdit EditOf(InterchangeBatch batch, Patch patch, Tensor applied) =>
        new(Layer, hidden => Edit(batch with { BaseHidden = hidden }, patch, applied));

    /// <summary>Runs the blocks above the intervention layer and reads the positions that predict labels.</summary>
    /// <param name="batch">The examples.</param>
    /// <param name="edited">Hidden states at the intervention layer, <c>[batch, tokens, d]</c>.</param>
    /// <param name="recompute">Whether backward passes run the blocks again instead of keeping what they computed.</param>
    /// <returns>Logits, float32, <c>[labels, vocabulary]</c>.</returns>
    public Tensor LabelLogits(InterchangeBatch batch, Tensor edited, bool recompute = false)
    {
        using DisposeScope scope = NewDisposeScope();
        long fixedColumns = EditsEntitiesOnly && batch.Count * batch.FirstEntity >= FewestFixedTokens ? batch.FirstEntity : 0;
        Tensor top = Target.RunBlocksAt(edited, Layer, batch.Context, batch.LabelColumns, fixedColumns, recompute);
        Tensor rows = top.view(-1, top.shape[2]).index_select(0, batch.LabelRows);
        return Target.Logits(rows).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => Parameters.Dispose();

    /// <summary>Refuses a layer that a target model doesn't have.</summary>
    /// <param name="target">The target model.</param>
    /// <param name="layer">Intervention layer ℓ.</param>
    /// <exception cref="HyperDasException"><c>LayerInvalid</c>.</exception>
    internal static void ThrowIfNoLayer(LanguageModel target, int layer)
    {
        if (layer < 0 || layer > target.BlockCount)
        {
            throw new HyperDasException(
                "LayerInvalid",
                HyperDasErrorKind.InvalidArgument,
                $"Layer {layer} doesn't exist: '{target.Name}' has layers 0 (embeddings) to {target.BlockCount} (output of the last block).",
                layer);
        }
    }
}
