namespace HyperDas.Engine.Checkpoints;

/// <summary>Content of the header of a file with tensors.</summary>
/// <param name="Entries">The readable tensors; each name occurs once.</param>
/// <param name="Unreadable">Tensors with unsupported element types, and the type of each (<c>F8_E4M3</c>): an error only when one is
/// needed.</param>
internal sealed record TensorTable(IReadOnlyList<TensorEntry> Entries, IReadOnlyDictionary<string, string> Unreadable);
