using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods;

/// <summary>
/// A batch of interchange examples with the hidden states up to the intervention layer. Prompts are padded on the right; visible tokens are
/// the first columns. The tensors belong to the dispose scope in which the batch was built.
/// </summary>
public sealed record InterchangeBatch
{
    /// <summary>Number of examples.</summary>
    public required int Count { get; init; }

    /// <summary>The descriptions of the concepts.</summary>
    public required InstructionBatch Instructions { get; init; }

    /// <summary>The concepts by key; null where only the instruction names it.</summary>
    public required IReadOnlyList<ConceptKey?> Concepts { get; init; }

    /// <summary>Whether each description names something that the domain doesn't have.</summary>
    public required IReadOnlyList<bool> IsAbsent { get; init; }

    /// <summary>Visible source tokens, all layers, unit vectors.</summary>
    public required TokenStack Source { get; init; }

    /// <summary>Visible base tokens, all layers, unit vectors.</summary>
    public required TokenStack Base { get; init; }

    /// <summary>Visible source tokens at the intervention layer, not normalised, <c>[batch, source, d]</c>.</summary>
    public required Tensor SourceHidden { get; init; }

    /// <summary>All base tokens at the intervention layer, <c>[batch, tokens, d]</c>.</summary>
    public required Tensor BaseHidden { get; init; }

    /// <summary>Masks and rotary tables for the blocks above.</summary>
    public required BlockContext Context { get; init; }

    /// <summary>The same for the bases without their padding, where that is faster; otherwise null.</summary>
    internal BlockContext? PackedContext { get; init; }

    /// <summary>Left padding that each base prompt would have in a left-padded batch, <c>[batch]</c>.</summary>
    public required Tensor LeftPadding { get; init; }

    /// <summary>Row of each source entity's last token, <c>[batch]</c>.</summary>
    public required Tensor SourceEntity { get; init; }

    /// <summary>Column of each base entity's last token, <c>[batch]</c>.</summary>
    public required Tensor BaseEntity { get; init; }

    /// <summary>The smallest of <see cref="BaseEntity"/>, available without a device transfer.</summary>
    public required int FirstEntity { get; init; }

    /// <summary>
    /// Columns of the base whose logits predict the example's label tokens, <c>[batch, most labels]</c>; 0 where an example has fewer.
    /// </summary>
    public required Tensor LabelColumns { get; init; }

    /// <summary>
    /// Position of each label token's column in <see cref="LabelColumns"/>, as an index into batch × most labels, <c>[labels]</c>.
    /// </summary>
    public required Tensor LabelRows { get; init; }

    /// <summary>Label tokens, <c>[labels]</c>.</summary>
    public required Tensor Labels { get; init; }

    /// <summary>Example of each label token, in order.</summary>
    public required IReadOnlyList<int> LabelExamples { get; init; }

    /// <summary>Whether each example's answer must change.</summary>
    public required IReadOnlyList<bool> IsCause { get; init; }

    /// <summary>Weight of each example in the prediction loss, in addition to that of its kind.</summary>
    public required IReadOnlyList<double> Weights { get; init; }

    /// <summary>
    /// Base columns that can be patched, <c>[batch, visible base tokens]</c>, bool; null when all visible ones can. The others belong to
    /// decoy suffixes (<see cref="Ravel.TokenizedExample.BaseDecoyIds"/>): a selection there has no effect.
    /// </summary>
    public Tensor? Editable { get; init; }

    /// <summary>Moves the tensors to the enclosing dispose scope.</summary>
    internal InterchangeBatch MoveToOuterDisposeScope()
    {
        Tensor[] tensors =
        [
            Instructions.Ids, Instructions.Lengths, Source.Unit, Source.Visible, Source.Counts, Base.Unit, Base.Visible, Base.Counts,
            SourceHidden, BaseHidden, LeftPadding, SourceEntity, BaseEntity, LabelColumns, LabelRows, Labels,
        ];
        foreach (Tensor tensor in tensors)
        {
            tensor.MoveToOuterDisposeScope();
        }
        Editable?.MoveToOuterDisposeScope();
        Context.MoveToOuterDisposeScope();
        PackedContext?.MoveToOuterDisposeScope();
        return this;
    }
}
