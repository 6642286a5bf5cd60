namespace HyperDas;

/// <summary>What lies on one of the devices that a model is spread over, at its highest.</summary>
/// <param name="Device">Name of the device, e.g. <c>cuda:1</c>.</param>
/// <param name="Blocks">How many of the model's blocks live there.</param>
/// <param name="Bytes">Their weights and what a step needs there; on the first device also embeddings and head, what is trained, and kept
/// hidden states.</param>
public sealed record DeviceMemory(string Device, int Blocks, long Bytes)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Device} ({Blocks} blocks) {MemorySize.Text(Bytes)}");
}
