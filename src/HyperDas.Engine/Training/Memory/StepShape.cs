using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Training.Memory;

/// <summary>The sizes of a batch that determine its memory; every prompt counts as long as the longest.</summary>
/// <param name="Examples">Number of examples.</param>
/// <param name="Base">Tokens of the longest base sequence, including its label.</param>
/// <param name="BaseShown">Tokens of the longest base visible to the interpreter.</param>
/// <param name="SourceShown">The same of the source.</param>
/// <param name="Instruction">Tokens of the longest instruction.</param>
/// <param name="Labels">Maximum number of label tokens of an example.</param>
internal readonly record struct StepShape(int Examples, int Base, int BaseShown, int SourceShown, int Instruction, int Labels)
{
    /// <summary>The shape of a batch of these examples.</summary>
    public static StepShape Of(IReadOnlyCollection<TokenizedExample> examples) => new(
        examples.Count, examples.Max(e => e.BaseIds.Length), examples.Max(e => e.BaseVisible), examples.Max(e => e.SourceVisible),
        examples.Max(e => e.InstructionIds.Length),
        Math.Max(1, examples.Max(e => e.LabelLength)));
}
