namespace HyperDas;

/// <summary>A 95 % confidence interval, in percent.</summary>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public readonly record struct ScoreInterval(double Low, double High)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Low:F1} to {High:F1}";
}
