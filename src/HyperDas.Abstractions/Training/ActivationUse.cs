namespace HyperDas;

/// <summary>Where the hidden states of a training's prompts came from, in requested sequences.</summary>
/// <param name="FromMemory">Sequences found in memory.</param>
/// <param name="FromFiles">Sequences found in the activation cache's files.</param>
/// <param name="Computed">Sequences computed by the target model.</param>
public sealed record ActivationUse(long FromMemory, long FromFiles, long Computed)
{
    /// <summary>Share that didn't have to be computed, 0 to 1; 0 if nothing was requested.</summary>
    public double HitRate => FromMemory + FromFiles + Computed == 0
        ? 0
        : (double)(FromMemory + FromFiles) / (FromMemory + FromFiles + Computed);

    /// <inheritdoc/>
    public override string ToString() =>
        FormattableString.Invariant($"{FromMemory} from memory, {FromFiles} from files, {Computed} computed");
}
