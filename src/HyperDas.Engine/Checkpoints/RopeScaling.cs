namespace HyperDas.Engine.Checkpoints;

/// <summary>Scaling of a rotary embedding to longer texts (<c>rope_scaling</c>).</summary>
/// <param name="Type">Its <c>rope_type</c>.</param>
public abstract record RopeScaling(string Type);

/// <summary>Divides positions by a factor.</summary>
/// <param name="Factor">The factor.</param>
public sealed record LinearRopeScaling(double Factor) : RopeScaling("linear");

/// <summary>
/// Increases the base θ with the length of a text beyond <paramref name="OriginalLength"/>: θ · (factor · n / original − factor + 1)^(d /
/// (d − 2)).
/// </summary>
/// <param name="Factor">The factor.</param>
/// <param name="OriginalLength">Length up to which nothing changes, in tokens.</param>
public sealed record DynamicRopeScaling(double Factor, int OriginalLength) : RopeScaling("dynamic");

/// <summary>Parameters of Llama-3.1's frequency scaling (<c>rope_scaling</c> with <c>rope_type: llama3</c>).</summary>
/// <param name="Factor">Factor by which the context is extended.</param>
/// <param name="LowFrequencyFactor">Wavelengths above the original length divided by this are scaled fully.</param>
/// <param name="HighFrequencyFactor">Wavelengths below the original length divided by this aren't scaled.</param>
/// <param name="OriginalLength">Context length before scaling, in tokens.</param>
public sealed record Llama3RopeScaling(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalLength)
    : RopeScaling("llama3");

/// <summary>YaRN (Peng et al. 2023): high frequencies are kept, low ones are divided by the factor, with a ramp in between.</summary>
/// <param name="Factor">Factor by which the context is extended.</param>
/// <param name="OriginalLength">Context length before scaling, in tokens.</param>
/// <param name="FastTurns">Frequencies with more turns than this over the original length are kept.</param>
/// <param name="SlowTurns">Frequencies with fewer turns than this are divided.</param>
/// <param name="TableScale">Factor of cosines and sines.</param>
/// <param name="WholeBounds">Whether the ramp's bounds are rounded outwards to whole dimensions.</param>
public sealed record YarnRopeScaling(
    double Factor, int OriginalLength, double FastTurns, double SlowTurns, double TableScale, bool WholeBounds)
    : RopeScaling("yarn");

/// <summary>A divisor for each frequency, with one list for texts up to the original length and one for longer texts (Phi-3).</summary>
/// <param name="ShortFactors">Divisors up to the original length, one for each pair of dimensions.</param>
/// <param name="LongFactors">Divisors beyond it.</param>
/// <param name="OriginalLength">Context length before scaling, in tokens.</param>
/// <param name="TableScale">Factor of cosines and sines.</param>
public sealed record LongRopeScaling(
    IReadOnlyList<double> ShortFactors, IReadOnlyList<double> LongFactors, int OriginalLength, double TableScale)
    : RopeScaling("longrope");
