using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace HyperDas;

/// <summary>Which of a prompt's hidden states the hypernetwork reads.</summary>
public enum StackDepth
{
    /// <summary>Those of every layer, as in the original.</summary>
    AllLayers,

    /// <summary>Only those of the intervention layer: a fraction of the memory and time, and the layer that the patch is made of.</summary>
    InterventionLayer,
}

/// <summary>What a hypernetwork consists of (docs/methods.md#the-hypernetwork). Part of an interpreter's file.</summary>
public sealed record HypernetworkOptions : MethodOptions, IRelatedOptions
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override InterpreterMethod Method => InterpreterMethod.HyperDas;

    /// <summary>Number of hypernetwork blocks, M (1 to L).</summary>
    [Range(1, int.MaxValue)]
    public int Blocks { get; init; } = 2;

    /// <summary>Kind of subspace.</summary>
    public SubspaceKind Subspace { get; init; } = SubspaceKind.Householder;

    /// <summary>Feature dimension k; the paper uses 128 of Llama-3-8B's 4096.</summary>
    [Range(1, int.MaxValue)]
    public int FeatureDimension { get; init; } = 24;

    /// <summary>Number of reflections r of the Householder subspace; the original has 1.</summary>
    [Range(1, int.MaxValue)]
    public int Reflections { get; init; } = 24;

    /// <summary>
    /// Inner width of the subspace's MLP. Null for the target's inner width (the original's 14336 is that of Llama-3-8B), or a compact
    /// value with a large target.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int? SubspaceInner { get; init; }

    /// <summary>
    /// Dimensions of the span of all vectors that the subspace's MLP computes: the vectors have this length, and one trained matrix, shared
    /// by all concepts, maps them to the hidden width. 0 for vectors of the full width, as in the original. Null for full width, or a
    /// compact value with a large target. Subspaces Householder and Generated only.
    /// </summary>
    [Before("", "0")]
    [Range(0, int.MaxValue)]
    public int? SubspaceSpan { get; init; }

    /// <summary>Start the blocks from random weights instead of the target's blocks.</summary>
    public bool FromScratch { get; init; }

    /// <summary>
    /// Rank of adapters (LoRA) that are trained on the target's own embeddings and blocks, instead of training copies of these; 0 for
    /// copies, as in the original. Null for copies, or a compact value with a large target.
    /// </summary>
    [Before("", "0")]
    [Range(0, int.MaxValue)]
    public int? AdapterRank { get; init; }

    /// <summary>
    /// Width of the hypernetwork's blocks, a multiple of the target's head width. Such blocks start from random weights, and hidden states
    /// are projected in and the concept out. Null for the target's width, as in the original, or a compact value with a large target.
    /// </summary>
    [Before("")]
    [Range(1, int.MaxValue)]
    public int? HypernetworkWidth { get; init; }

    /// <summary>Which hidden states the cross-attentions read.</summary>
    public StackDepth Reads { get; init; } = StackDepth.InterventionLayer;

    /// <summary>How pairs of tokens are scored; with the original's score, the source choice can't depend on the base token.</summary>
    public SelectionScore Selection { get; init; }

    /// <summary>
    /// Add a learned term to a pair's score for the distances of its tokens from the end of the visible part of their prompts. If suffixes
    /// are hidden, entities are at the end in any template. Not in the original.
    /// </summary>
    public bool EndBias { get; init; }

    /// <summary>
    /// Let the interpreter read and edit the base prompt beyond the entity. It then sees what the prompt asks for, and can leave isolate
    /// prompts alone by reading the question instead of finding the right subspace. Off by default, as in the original.
    /// </summary>
    public bool BaseSuffixVisible { get; init; }

    /// <summary>Let the interpreter read the source prompt beyond the entity.</summary>
    public bool SourceSuffixVisible { get; init; }

    /// <summary>Omit the cross-attention to the base prompt.</summary>
    public bool AblateBaseAttention { get; init; }

    /// <summary>Omit the cross-attention to the source prompt.</summary>
    public bool AblateSourceAttention { get; init; }

    /// <summary>
    /// The "symmetric" HyperDAS: for each training batch, a random draw decides whether base or source comes first in the pair score. The
    /// original also draws during evaluation; here evaluation always puts the base first.
    /// </summary>
    public bool Symmetric { get; init; }

    /// <summary>Original behaviour: an instruction attends to its own later tokens if no instruction of its batch is padded.</summary>
    public bool BidirectionalUnpaddedInstructions { get; init; }

    /// <summary>Original behaviour: the position of the "no intervention" score counts left padding, and so depends on the batch.</summary>
    public bool PaddedSelfPositions { get; init; }

    /// <summary>Original behaviour: at ℓ = L the source is read after the final norm although the base is edited before it.</summary>
    public bool NormedLastLayerSource { get; init; }

    /// <summary>Whether an MLP computes the subspace's vectors from the concept.</summary>
    [JsonIgnore]
    public bool MakesVectors => Subspace is SubspaceKind.Householder or SubspaceKind.Generated;

    /// <summary>The same options with all of the original's behaviours, including its accidents.</summary>
    public HypernetworkOptions Faithful() => this with
    {
        Reads = StackDepth.AllLayers,
        Reflections = 1,
        SubspaceSpan = null,
        AdapterRank = 0,
        HypernetworkWidth = null,
        Selection = SelectionScore.Additive,
        EndBias = false,
        BidirectionalUnpaddedInstructions = true,
        PaddedSelfPositions = true,
        NormedLastLayerSource = true,
    };

    /// <inheritdoc/>
    public IEnumerable<OptionFault> Relations()
    {
        if (Layer == 0 && Subspace != SubspaceKind.None)
        {
            yield return new OptionFault(
                nameof(Layer), Layer, "at least 1 with a subspace; layer 0, the embeddings, allows only subspace None");
        }
        if (SubspaceSpan is > 0 && !MakesVectors)
        {
            yield return new OptionFault(
                nameof(SubspaceSpan), SubspaceSpan, $"0 or omitted with subspace {Subspace}: only Householder and Generated compute vectors");
        }
        if (AdapterRank is > 0 && HypernetworkWidth is not null)
        {
            yield return new OptionFault(
                nameof(AdapterRank), AdapterRank, "0 or omitted with HypernetworkWidth, whose blocks aren't the target's");
        }
        if (AdapterRank is > 0 && FromScratch)
        {
            yield return new OptionFault(
                nameof(AdapterRank), AdapterRank, "0 or omitted with FromScratch, which doesn't use the target's blocks");
        }
    }
}
