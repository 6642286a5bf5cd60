namespace HyperDas;

/// <summary>Memory that a training takes at its highest, in bytes, predicted from sizes alone.</summary>
/// <param name="Runtime">The process with PowerShell and libtorch.</param>
/// <param name="Model">The target model's weights.</param>
/// <param name="Interpreter">What is trained: values, gradients and both moments of the optimiser.</param>
/// <param name="Cache">Hidden states that are kept.</param>
/// <param name="Step">What the largest step needs beside these.</param>
public sealed record MemoryPrediction(long Runtime, long Model, long Interpreter, long Cache, long Step)
{
    /// <summary>All of it.</summary>
    public long Total => Runtime + Model + Interpreter + Cache + Step;

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant(
        $"{Mebi(Total)}: runtime {Mebi(Runtime)}, model {Mebi(Model)}, interpreter {Mebi(Interpreter)}, cache {Mebi(Cache)}, step {Mebi(Step)}");

    private static string Mebi(long bytes) => bytes < 10L << 30
        ? FormattableString.Invariant($"{bytes / 1048576.0:N0} MiB")
        : FormattableString.Invariant($"{bytes / 1073741824.0:N1} GiB");
}
