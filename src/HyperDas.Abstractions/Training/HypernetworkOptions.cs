using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace HyperDas;

/// <summary>Which hidden states of a prompt the hypernetwork reads.</summary>
public enum StackDepth
{
    /// <summary>Every layer's, as the original.</summary>
    AllLayers,

    /// <summary>The intervention layer's only: a fraction of the memory and time, and it is what the patch is made of.</summary>
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

    /// <summary>Feature dimension k; the paper takes 128 of Llama-3-8B's 4096.</summary>
    [Range(1, int.MaxValue)]
    public int FeatureDimension { get; init; } = 24;

    /// <summary>Number of reflections r of the Householder subspace; 1 is the original.</summary>
    [Range(1, int.MaxValue)]
    public int Reflections { get; init; } = 24;

    /// <summary>
    /// Inner width of the subspace's MLP; null = the target's inner width, which is what the original's 14336 is for Llama-3-8B, or what is
    /// compact with a large target.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int? SubspaceInner { get; init; }

    /// <summary>
    /// Dimensions of the span of all vectors that the subspace's MLP makes: it makes them that short, and one trained matrix that all
    /// concepts share turns them into vectors of the hidden width. 0 for vectors made whole, as the original. Null for whole ones, or what
    /// is compact with a large target. Subspaces Householder and Generated only.
    /// </summary>
    [Before("", "0")]
    [Range(0, int.MaxValue)]
    public int? SubspaceSpan { get; init; }

    /// <summary>Start the blocks from random weights instead of the target's blocks.</summary>
    public bool FromScratch { get; init; }

    /// <summary>
    /// Take the target's own embeddings and blocks, without copying them, and train adapters of this rank on them (LoRA) instead of copies;
    /// 0 for copies, as the original. Null for copies, or what is compact with a large target.
    /// </summary>
    [Before("", "0")]
    [Range(0, int.MaxValue)]
    public int? AdapterRank { get; init; }

    /// <summary>
    /// Width of the hypernetwork's blocks, a multiple of the target's head width: they start from random weights, and hidden states are
    /// projected in and the concept out. Null for the target's width, which the original has, or what is compact with a large target.
    /// </summary>
    [Before("")]
    [Range(1, int.MaxValue)]
    public int? HypernetworkWidth { get; init; }

    /// <summary>Which hidden states the cross-attentions read.</summary>
    public StackDepth Reads { get; init; } = StackDepth.InterventionLayer;

    /// <summary>How pairs of tokens are scored; the original's score can't let the source choice depend on the base token.</summary>
    public SelectionScore Selection { get; init; }

    /// <summary>
    /// Add to the score of a pair what is learned for its tokens' distances from the end of what is visible of their prompts. Where endings
    /// are hidden, entities stand there whatever the template says before. Not in the original.
    /// </summary>
    public bool EndBias { get; init; }

    /// <summary>
    /// Let the interpreter read and edit the base prompt beyond the entity. It then sees what the prompt asks for, and can leave isolate
    /// prompts alone by reading the question instead of by finding the right subspace; off by default, as in the original.
    /// </summary>
    public bool BaseSuffixVisible { get; init; }

    /// <summary>Let the interpreter read the source prompt beyond the entity.</summary>
    public bool SourceSuffixVisible { get; init; }

    /// <summary>Leave out the cross-attention to the base prompt.</summary>
    public bool AblateBaseAttention { get; init; }

    /// <summary>Leave out the cross-attention to the source prompt.</summary>
    public bool AblateSourceAttention { get; init; }

    /// <summary>
    /// The "symmetric" HyperDAS: in training a coin decides for each batch whether base or source comes first in the pair score. The
    /// original also tosses it at evaluation; here evaluation always puts the base first.
    /// </summary>
    public bool Symmetric { get; init; }

    /// <summary>Original behaviour: an instruction sees its own later tokens when no instruction of its batch is padded.</summary>
    public bool BidirectionalUnpaddedInstructions { get; init; }

    /// <summary>Original behaviour: the position of the "no intervention" score counts left padding, so it depends on the batch.</summary>
    public bool PaddedSelfPositions { get; init; }

    /// <summary>Original behaviour: at ℓ = L the source is read after the final norm although the base is edited before it.</summary>
    public bool NormedLastLayerSource { get; init; }

    /// <summary>Whether the subspace is made of vectors that an MLP reads off the concept.</summary>
    [JsonIgnore]
    public bool MakesVectors => Subspace is SubspaceKind.Householder or SubspaceKind.Generated;

    /// <summary>The same options with every behaviour as the original's, its accidents included.</summary>
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
                nameof(Layer), Layer, "at least 1 with a subspace; layer 0, the embeddings, takes subspace None only");
        }
        if (SubspaceSpan is > 0 && !MakesVectors)
        {
            yield return new OptionFault(
                nameof(SubspaceSpan), SubspaceSpan, $"0 or left out with subspace {Subspace}: only Householder and Generated make vectors");
        }
        if (AdapterRank is > 0 && HypernetworkWidth is not null)
        {
            yield return new OptionFault(
                nameof(AdapterRank), AdapterRank, "0 or left out beside HypernetworkWidth, whose blocks aren't the target's");
        }
        if (AdapterRank is > 0 && FromScratch)
        {
            yield return new OptionFault(
                nameof(AdapterRank), AdapterRank, "0 or left out beside FromScratch, which doesn't take the target's blocks");
        }
    }
}
