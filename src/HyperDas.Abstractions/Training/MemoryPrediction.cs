namespace HyperDas;

/// <summary>Peak memory of a process with a training or an experiment, in bytes, predicted from sizes alone.</summary>
/// <param name="Runtime">The process with PowerShell and libtorch.</param>
/// <param name="Examples">Objects: examples as text and as tokens, and garbage that accumulates before a collection.</param>
/// <param name="Kernels">Compiled matrix products cached by the processor's library, for targets that aren't float32.</param>
/// <param name="Model">The target model's weights.</param>
/// <param name="Interpreter">Trained parameters: values, gradients and both moments of the optimiser.</param>
/// <param name="Cache">Cached hidden states.</param>
/// <param name="Step">Additional memory of the largest step.</param>
public sealed record MemoryPrediction(long Runtime, long Examples, long Kernels, long Model, long Interpreter, long Cache, long Step)
{
    /// <summary>The sum.</summary>
    public long Total => Runtime + Examples + Kernels + Model + Interpreter + Cache + Step;

    private IEnumerable<(string Name, long Bytes)> Parts =>
    [
        ("runtime", Runtime), ("examples", Examples), ("kernels", Kernels), ("model", Model), ("interpreter", Interpreter),
        ("cache", Cache), ("step", Step),
    ];

    /// <summary>Memory on each of the devices over which the target model is distributed; empty if it is on one device.</summary>
    public IReadOnlyList<DeviceMemory> Devices { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant(
        $"{MemorySize.Text(Total)}: {string.Join(", ", Parts.Select(part => $"{part.Name} {MemorySize.Text(part.Bytes)}"))}")
        + string.Concat((Devices ?? []).Select(device => $"; {device}"));
}
