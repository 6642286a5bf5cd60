namespace HyperDas;

/// <summary>
/// Memory that a process with a training, or with an experiment, takes at its highest, in bytes, predicted from sizes alone.
/// </summary>
/// <param name="Runtime">The process with PowerShell and libtorch.</param>
/// <param name="Examples">Objects: examples as text and as tokens, and what the collector lets gather before it clears up.</param>
/// <param name="Kernels">Compiled matrix products that the processor's library keeps, for targets that aren't float32.</param>
/// <param name="Model">The target model's weights.</param>
/// <param name="Interpreter">What is trained: values, gradients and both moments of the optimiser.</param>
/// <param name="Cache">Hidden states that are kept.</param>
/// <param name="Step">What the largest step needs beside these.</param>
public sealed record MemoryPrediction(long Runtime, long Examples, long Kernels, long Model, long Interpreter, long Cache, long Step)
{
    /// <summary>All of it.</summary>
    public long Total => Runtime + Examples + Kernels + Model + Interpreter + Cache + Step;

    private IEnumerable<(string Name, long Bytes)> Parts =>
    [
        ("runtime", Runtime), ("examples", Examples), ("kernels", Kernels), ("model", Model), ("interpreter", Interpreter),
        ("cache", Cache), ("step", Step),
    ];

    /// <summary>What lies on each of the devices that the target model is spread over; empty where it lives on one.</summary>
    public IReadOnlyList<DeviceMemory> Devices { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant(
        $"{MemorySize.Text(Total)}: {string.Join(", ", Parts.Select(part => $"{part.Name} {MemorySize.Text(part.Bytes)}"))}")
        + string.Concat((Devices ?? []).Select(device => $"; {device}"));
}
