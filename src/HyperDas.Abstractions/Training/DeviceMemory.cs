namespace HyperDas;

/// <summary>Peak memory on one of the devices over which a model is distributed.</summary>
/// <param name="Device">Name of the device, e.g. <c>cuda:1</c>.</param>
/// <param name="Blocks">Number of the model's blocks on the device.</param>
/// <param name="Bytes">Their weights and what a step needs there; on the first device also embeddings and head, trained parameters, and
/// cached hidden states.</param>
public sealed record DeviceMemory(string Device, int Blocks, long Bytes)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Device} ({Blocks} blocks) {MemorySize.Text(Bytes)}");
}
