namespace HyperDas.Engine.Checkpoints;

/// <summary>What the header of a file with tensors says.</summary>
/// <param name="Entries">The tensors that can be read, each name once.</param>
/// <param name="Unreadable">
/// Those that can't, and how each is stored (<c>F8_E4M3</c>): they do no harm as long as nothing needs them.
/// </param>
internal sealed record TensorTable(IReadOnlyList<TensorEntry> Entries, IReadOnlyDictionary<string, string> Unreadable);
