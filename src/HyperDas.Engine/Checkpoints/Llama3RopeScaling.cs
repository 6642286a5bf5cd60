namespace HyperDas.Engine.Checkpoints;

/// <summary>Parameters of Llama-3.1's frequency scaling (<c>rope_scaling</c> with <c>rope_type: llama3</c>).</summary>
/// <param name="Factor">How much longer the context is made.</param>
/// <param name="LowFrequencyFactor">Wavelengths above original length / this are scaled fully.</param>
/// <param name="HighFrequencyFactor">Wavelengths below original length / this stay.</param>
/// <param name="OriginalLength">Context length before scaling, in tokens.</param>
public sealed record Llama3RopeScaling(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalLength);
