using HyperDas.Engine.Interventions;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.LanguageModels.ActivationFiles;
using HyperDas.Engine.Methods.Concepts;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods;

/// <summary>An interpreter's proposal for a batch: where to patch, and in which subspace.</summary>
/// <param name="Weights">Soft selection weights, <c>[batch, source + 1, base]</c>.</param>
/// <param name="Change">The change of the hidden vectors where something is mixed in.</param>
public readonly record struct Patch(Tensor Weights, HiddenChange Change)
{
    /// <summary>A patch in a linear subspace.</summary>
    /// <param name="weights">Soft selection weights, <c>[batch, source + 1, base]</c>.</param>
    /// <param name="project">Maps a difference of hidden vectors to its part that is patched.</param>
    public Patch(Tensor weights, Func<Tensor, Tensor> project)
        : this(weights, (_, delta) => project(delta))
    {
    }

    /// <summary>The concept vectors that the subspaces were made from, <c>[batch, d]</c>; null if the method has none.</summary>
    public Tensor? Concept { get; init; }
}

/// <summary>
/// Decides the patch. Training, scoring and interventions use only this contract, so methods differ only in their proposals.
/// </summary>
public abstract class Interpreter : InterpreterHandle
{
    // With fewer tokens, reading the weights dominates a product's time, and separate passes would read them once more.
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

    /// <summary>Options of its parts; null for references, which have none.</summary>
    public virtual MethodOptions? Options => null;

    /// <summary>The concepts that it has learned separately; null if it reads descriptions or has learned nothing.</summary>
    public virtual IReadOnlyList<ConceptKey>? LearnedConcepts => null;

    /// <summary>Options of its training; null before it is trained.</summary>
    public TrainingOptions? TrainedWith { get; internal set; }

    /// <summary>
    /// The descriptions of the concepts that it was trained on; null if there were none, and for methods that don't read descriptions.
    /// </summary>
    public KnownConcepts? Known { get; internal set; }

    /// <summary>All trainable state; empty for methods without parameters.</summary>
    public ParameterStore Parameters { get; }

    /// <summary>Whether the selection weights are learned, so a sparsity loss applies to them.</summary>
    public abstract bool LearnsSelection { get; }

    /// <summary>
    /// Whether it reads descriptions of concepts; otherwise it knows the dataset's attributes, however they are described.
    /// </summary>
    public virtual bool ReadsDescription => false;

    /// <summary>Whether the source is read after the final norm at ℓ = L, as the original does.</summary>
    public virtual bool NormedLastLayerSource => false;

    /// <summary>Whether it needs the positions of the entities.</summary>
    public virtual bool NeedsEntities => false;

    /// <summary>Whether its patches change only the token at the base's fixed position, in every selection mode.</summary>
    public virtual bool EditsEntitiesOnly => false;

    /// <summary>Which hidden states of the prompts it reads.</summary>
    public virtual StackDepth Reads => StackDepth.InterventionLayer;

    /// <summary>How examples are tokenised for it, in particular what is visible to it.</summary>
    public virtual RavelCollatorOptions Collation => new();

    /// <summary>Creates a cache of the hidden states that it needs.</summary>
    /// <param name="byteLimit">Memory limit of the cache.</param>
    /// <param name="shared">Whether it uses the target model's activation files, if there are any; this isn't worthwhile for prompts that
    /// occur only once.</param>
    /// <returns>An empty cache; the caller disposes it.</returns>
    public ActivationCache CreateCache(long byteLimit = ActivationCache.DefaultByteLimit, bool shared = false) =>
        CreateCache(byteLimit, shared ? Target.ActivationFiles : null);

    /// <summary>Creates a cache of the hidden states that it needs.</summary>
    /// <param name="byteLimit">Memory limit of the cache.</param>
    /// <param name="files">Files for states that exceed the memory limit; null for none.</param>
    /// <returns>An empty cache; the caller disposes it.</returns>
    internal ActivationCache CreateCache(long byteLimit, ActivationFolder? files) => new(Target, Layer, Reads, byteLimit, files);

    /// <summary>The learned concept that a user's words refer to; null for methods that read the words themselves.</summary>
    /// <param name="text">E.g. <c>the country of a city</c>.</param>
    /// <exception cref="HyperDasException"><c>ConceptUnknown</c>, <c>ConceptAmbiguous</c>.</exception>
    public virtual ConceptKey? ConceptOf(string text) => null;

    /// <summary>Distance of a user's words from the concepts that it was trained on; null if it isn't known.</summary>
    /// <param name="text">E.g. <c>the country of a city</c>.</param>
    /// <exception cref="HyperDasException"><c>ConceptUnknown</c>, <c>ConceptAmbiguous</c>, <c>ModelDisposed</c>.</exception>
    public ConceptNearness? Nearness(string text) =>
        ConceptOf(text) is { } learned ? new ConceptNearness(learned, 0) : Known?.Near(text, Target);

    /// <summary>
    /// Learns the descriptions of a dataset's concepts, for <see cref="Nearness"/>. It does nothing if the method doesn't read
    /// descriptions, or if the dataset has none. Knowledge of other domains is kept.
    /// </summary>
    /// <param name="dataset">The dataset that it was trained on.</param>
    /// <param name="reads">True: the target processes thousands of short prompts, so distances can be computed; false: the nearest concept
    /// is determined by words alone.</param>
    /// <param name="progress">Receives the number of descriptions read; null: nothing does.</param>
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
    /// <param name="coin">Source of random decisions in training; null for evaluation, which has none.</param>
    /// <returns>The proposal, in the caller's dispose scope.</returns>
    public abstract Patch Propose(InterchangeBatch batch, Random? coin = null);

    /// <summary>Sets the temperature of subspaces that have one.</summary>
    /// <param name="temperature">τ &gt; 0.</param>
    public virtual void SetTemperature(double temperature)
    {
    }

    /// <summary>An additional term of the training loss; null if there is none.</summary>
    /// <returns>A scalar, in the caller's dispose scope.</returns>
    public virtual Tensor? Penalty() => null;

    /// <summary>The selection weights that are applied: those of a patch, in a mode, where the base may be edited.</summary>
    /// <param name="batch">The examples.</param>
    /// <param name="patch">The proposal for them.</param>
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
    /// <param name="patch">The proposal for them.</param>
    /// <param name="mode">How weights are turned into a patch.</param>
    /// <returns>Edited hidden states at the intervention layer, <c>[batch, tokens, d]</c>.</returns>
    public static Tensor Edit(InterchangeBatch batch, Patch patch, SelectionMode mode)
    {
        using Tensor applied = Select(batch, patch, mode);
        return Edit(batch, patch, applied);
    }

    /// <summary>Applies a patch with the selected weights.</summary>
    /// <param name="batch">The examples.</param>
    /// <param name="patch">The proposal for them.</param>
    /// <param name="applied">The result of <see cref="Select"/>.</param>
    /// <returns>Edited hidden states at the intervention layer, <c>[batch, tokens, d]</c>.</returns>
    public static Tensor Edit(InterchangeBatch batch, Patch patch, Tensor applied) =>
        Interchange.Apply(batch.BaseHidden, batch.SourceHidden, applied, patch.Change);

    /// <summary>A patch as an edit of the prompts from which texts are generated.</summary>
    /// <param name="batch">The examples; text is generated only from the part before their labels.</param>
    /// <param name="patch">The proposal for them.</param>
    /// <param name="applied">The result of <see cref="Select"/>.</param>
    /// <returns>The edit, valid as long as batch, patch and weights exist.</returns>
    public HiddenEdit EditOf(InterchangeBatch batch, Patch patch, Tensor applied) =>
        new(Layer, hidden => Edit(batch with { BaseHidden = hidden }, patch, applied));

    /// <summary>Runs the blocks above the intervention layer and computes logits at the positions that predict labels.</summary>
    /// <param name="batch">The examples.</param>
    /// <param name="edited">Hidden states at the intervention layer, <c>[batch, tokens, d]</c>.</param>
    /// <param name="recompute">Whether backward passes compute the blocks again instead of storing their intermediate results.</param>
    /// <returns>Logits, float32, <c>[labels, vocabulary]</c>.</returns>
    public Tensor LabelLogits(InterchangeBatch batch, Tensor edited, bool recompute = false)
    {
        using DisposeScope scope = NewDisposeScope();
        long fixedColumns = EditsEntitiesOnly && batch.Count * batch.FirstEntity >= FewestFixedTokens ? batch.FirstEntity : 0;
        Tensor top = Target.RunBlocksAt(edited, Layer, batch.Context, batch.LabelColumns, fixedColumns, recompute, batch.PackedContext);
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
                $"Layer {layer} doesn't exist; '{target.Name}' has layers 0 (embeddings) to {target.BlockCount} (output of the last block).",
                layer);
        }
    }
}
