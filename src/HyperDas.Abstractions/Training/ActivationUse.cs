namespace HyperDas;

/// <summary>Where the hidden states of a training's prompts came from, in sequences that were asked for.</summary>
/// <param name="FromMemory">Those that were in memory.</param>
/// <param name="FromFiles">Those that the activation cache's files had.</param>
/// <param name="Computed">Those that the target model computed.</param>
public sealed record ActivationUse(long FromMemory, long FromFiles, long Computed)
{
    /// <summary>Share that needn't be computed, 0 to 1; 0 when nothing was asked for.</summary>
    public double HitRate => FromMemory + FromFiles + Computed == 0
        ? 0
        : (double)(FromMemory + FromFiles) / (FromMemory + FromFiles + Computed);

    /// <inheritdoc/>
    public override string ToString() =>
        FormattableString.Invariant($"{FromMemory} from memory, {FromFiles} from files, {Computed} computed");
}
